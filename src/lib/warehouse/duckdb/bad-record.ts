import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { describeError } from '../../base/errors/describe.js';
import { byteLines } from '../sources/byte-lines.js';
import { csvRecordsOf } from '../sources/csv-records.js';
import type { SourceFormat } from '../sources/list.js';
import type { Column } from '../table.js';
import { because, whyBadLine, whyBadRow } from './bad-values.js';
import { columnsOf, type FileColumn } from './read-sql.js';
import type { ReadyFile } from './ready-file.js';
import type { Session } from './session.js';

export interface BadRecord {
  readonly file: string;
  /** From 1. */
  readonly line?: number;
  /** From 1, of Parquet, which has no lines. */
  readonly row?: number;
  readonly why: string;
}

/**
 * The first row that is no record, in the order of the files. Only for a load that has failed already: DuckDB's own line
 * numbers are approximate, and its checks know neither our ids nor what is missing. Undefined when all look right from here.
 * @param session for Parquet; not within a transaction that was aborted
 */
export async function findBadRecord(
  session: Session,
  columns: readonly Column[],
  files: readonly ReadyFile[],
  format: SourceFormat,
): Promise<BadRecord | undefined> {
  for (const file of files) {
    const found =
      format === 'jsonl'
        ? await badLine(file)
        : format === 'csv'
          ? await badRow(file)
          : await badParquetRow(session, columns, file);
    if (found !== undefined) return { file: file.name, ...found };
  }
  return undefined;
}

type Found = Omit<BadRecord, 'file'> | undefined;

async function badLine({ path, isGzip }: ReadyFile): Promise<Found> {
  let line = 0;
  for await (const bytes of byteLines(path, isGzip)) {
    line += 1;
    // An empty line between records is none: row-counter.ts.
    const why = bytes.some((byte) => byte > 0x20) ? whyBadLine(bytes) : undefined;
    if (why !== undefined) return { line, why };
  }
  return undefined;
}

/** How a row is put together was looked at while the rows were counted: csv-counter.ts. */
async function badRow({ path, isGzip }: ReadyFile): Promise<Found> {
  let header: readonly string[] | undefined;
  for await (const { line, fields } of csvRecordsOf(bytesAsChars(path, isGzip))) {
    const texts = fields.map(utf8);
    const cells = texts.filter((text) => text !== undefined);
    if (cells.length < texts.length) return { line, why: 'It is not UTF-8.' };
    if (header === undefined) {
      header = cells;
      continue;
    }
    const why = whyBadRow(Object.fromEntries(header.map((name, at) => [name, cells[at]])));
    if (why !== undefined) return { line, why };
  }
  return undefined;
}

/** A character for each byte, so that bytes that are no UTF-8 are still there to be named. */
async function* bytesAsChars(path: string, isGzip: boolean): AsyncGenerator<string> {
  const bytes = createReadStream(path);
  for await (const chunk of isGzip ? bytes.pipe(createGunzip()) : bytes) yield (chunk as Buffer).toString('latin1');
}

function utf8(chars: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(chars, 'latin1'));
  } catch {
    return undefined;
  }
}

/** The columns of a Parquet file, as DuckDB reads them. */
export async function parquetHeader(session: Session, path: string): Promise<readonly FileColumn[]> {
  const found = await session.rows('DESCRIBE SELECT * FROM read_parquet($1, hive_partitioning = false)', [[path]]);
  return found.map(({ column_name, column_type }) => ({ name: String(column_name), type: String(column_type) }));
}

async function badParquetRow(
  session: Session,
  columns: readonly Column[],
  { path, name: file }: ReadyFile,
): Promise<Found> {
  try {
    const header = await parquetHeader(session, path);
    const types = new Map(header.map(({ name, type }) => [name, type]));
    const known = columns.filter(({ name }) => types.has(name));
    const problems = columnsOf('parquet', known, header).flatMap(({ name, raw, problems }) =>
      problems.map((problem) => ({ ...problem, name, raw })),
    );
    const choose = (then: (at: number) => string) =>
      `CASE ${problems.map(({ when }, at) => `WHEN ${when} THEN ${then(at)}`).join(' ')} END`;
    const [row] = await session.rows(
      `SELECT file_row_number + 1 AS row, ${choose(String)} AS problem, ${choose((at) => `${problems[at]?.raw}::VARCHAR`)} AS value
       FROM read_parquet($1, hive_partitioning = false, file_row_number = true) WHERE problem IS NOT NULL ORDER BY row LIMIT 1`,
      [[path]],
    );
    if (row === undefined) return undefined;
    const { name = '', why = '' } = problems[Number(row.problem)] ?? {};
    const value = row.value === null ? '' : String(row.value);
    const said = value === '' ? `It has no ${name}.` : because(name, why, `${value} (${types.get(name)})`);
    return { row: Number(row.row), why: said };
  } catch (error) {
    if (!(error instanceof Error) || !/ Error: /.test(error.message)) throw error;
    const [first = ''] = describeError(error).split('\n');
    return { why: `DuckDB says: ${first.replace(/^[A-Za-z ]+ Error: /, '').replaceAll(path, file)}` };
  }
}
