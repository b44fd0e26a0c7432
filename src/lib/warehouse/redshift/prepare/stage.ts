import { createHash } from 'node:crypto';
import { noCounts } from '../../counts.js';
import { badRecord, countsDoNotAddUp } from '../../errors.js';
import type { WarehouseDeps } from '../../settings.js';
import { objectName, type SourceList } from '../../sources/list.js';
import { recordColumns } from '../../table.js';
import type { RedshiftColumn } from '../columns.js';
import { openAll } from './bytes.js';
import { type Manifest, type ManifestEntry, writeManifest } from './manifest.js';
import { readRecords } from './records.js';
import { NoRecord, readyRow } from './row.js';
import { StagedPlaces } from './staged-places.js';

/** What lies in S3 for COPY, and what has to arrive of it. */
export interface StagedLoad {
  readonly manifest: Manifest;
  readonly rows: number;
  /** Of all texts together, as they are staged. */
  readonly textBytes: number;
  readonly cut: number;
  readonly hasWide: boolean;
  /** Where a line (from 1) of what lies in S3 comes from: file and row, from 1. Undefined for what is none of this load. */
  readonly sourceOf: (url: string, line: number) => { readonly file: string; readonly row: number } | undefined;
}

export interface StagePlace {
  readonly bucket: string;
  /** Ends with a slash. */
  readonly prefix: string;
}

/** Size of a part: COPY is best with files of 1 MB to 1 GB, and this much is in memory once. */
const partBytes = 16 * 2 ** 20;

/**
 * Reads every object of the list once, checks each record, and writes them as COPY takes them: parts of JSON lines and the
 * manifest that names them, each under the digest of its content. COPY itself cannot be told which version of an object is
 * meant; what lies under a digest is the very content that was checked and counted here. The same list again writes the
 * same objects again.
 * Throws `BAD_RECORD`, `SOURCE_CHANGED`, `COUNTS_DO_NOT_ADD_UP`.
 */
export async function stageList(
  list: SourceList,
  columns: readonly RedshiftColumn[],
  { bucket, prefix }: StagePlace,
  deps: Pick<WarehouseDeps, 's3'>,
  { signal, onFile }: { readonly signal?: AbortSignal | undefined; readonly onFile?: (done: number) => void },
): Promise<StagedLoad> {
  const folder = `${prefix}${list.digest}/`;
  const entries: ManifestEntry[] = [];
  const s3 = await deps.s3();
  const places = new StagedPlaces();
  const write = async (body: string) => {
    const key = `${folder}${createHash('sha256').update(body).digest('hex')}.jsonl`;
    // Also over one that is there: whatever it was, now it is this.
    await s3.putObject(bucket, key, body, { contentType: 'application/x-ndjson', signal });
    const url = `s3://${bucket}/${key}`;
    entries.push({ url });
    places.part(url, rows);
  };
  let [part, size, rows, rowsInFiles, textBytes, cut, files] = ['', 0, 0, 0, 0, 0, 0];
  let hasWide = false;
  const loaded = recordColumns.filter(({ name }) => columns.some((column) => column.name === name));
  for await (const open of openAll(list.objects, deps, signal)) {
    const reader = readRecords(open, list.format, loaded);
    places.file(objectName(open.object), rows);
    for await (const { values, line } of reader.records) {
      const row = rowOf(values, columns, rows, { file: objectName(open.object), line });
      rows += 1;
      textBytes += row.textBytes;
      cut += Number(row.isCut);
      hasWide ||= row.isWide;
      part += `${row.json}\n`;
      size += row.json.length + 1;
      if (size < partBytes) continue;
      await write(part);
      [part, size] = ['', 0];
    }
    rowsInFiles += reader.rowsInFile();
    files += 1;
    onFile?.(files);
  }
  if (rows !== rowsInFiles) throw countsDoNotAddUp({ ...noCounts, rowsInFiles, staged: rows });
  if (part !== '') await write(part);
  const manifest = await writeManifest(entries, { bucket, folder }, s3, signal);
  return { manifest, rows, textBytes, cut, hasWide, sourceOf: (url, line) => places.sourceOf(url, line) };
}

function rowOf(
  values: Readonly<Record<string, unknown>>,
  columns: readonly RedshiftColumn[],
  place: number,
  where: { readonly file: string; readonly line: number | undefined },
) {
  try {
    return readyRow(values, columns, place);
  } catch (error) {
    if (error instanceof NoRecord) throw badRecord(where, error.message, error);
    throw error;
  }
}
