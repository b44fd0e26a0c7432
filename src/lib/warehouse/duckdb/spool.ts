import { createWriteStream } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { removeLeftovers, temporaryName } from '../../platform/files/leftovers.js';
import { sourceChanged } from '../errors.js';
import { throwIfInterrupted } from '../interrupted.js';
import { inLanes } from '../lanes.js';
import type { WarehouseDeps } from '../settings.js';
import {
  type LocalObject,
  objectName,
  type S3Object,
  type SourceFormat,
  type SourceList,
  type SourceObject,
} from '../sources/list.js';
import { digestAndRows, fileStamp } from '../sources/read-file.js';
import type { CopyContext } from './copy-context.js';
import type { ReadyFile } from './ready-file.js';

const prefix = '.mlops-spool-';
/** Downloads at a time. */
const lanes = 8;
/**
 * Files and bytes of a part. What is staged of a part is in memory, and what was downloaded for it is on disk, so neither
 * grows with the load; each part looks once through the ids of the table.
 */
const mostFiles = 10_000;
const mostBytes = 256 * 2 ** 20;
/** How much larger a file is when it is read, about. */
const expansion = { gzip: 6, parquet: 4 };

/**
 * The files of a list, ready to be read, in parts: what is in S3 is downloaded, the very objects of the list; what is here
 * is read where it lies. After `use` each part is compared with the list again. Throws `SOURCE_CHANGED`.
 */
export async function inParts(
  list: SourceList,
  { path, deps, partBytes = mostBytes }: Pick<CopyContext, 'path' | 'deps' | 'partBytes'>,
  signal: AbortSignal | undefined,
  use: (files: readonly ReadyFile[]) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  await removeLeftovers(folder, prefix);
  const spool = join(folder, temporaryName(prefix));
  try {
    for (const part of parts(list, partBytes)) {
      throwIfInterrupted(signal);
      await mkdir(spool, { recursive: true });
      const files = await ready(part, list.format, spool, deps, signal);
      await use(files);
      for (const object of part) if (object.kind === 'file') await assertSame(object);
      await rm(spool, { recursive: true, force: true });
    }
  } finally {
    await rm(spool, { recursive: true, force: true });
  }
}

function* parts({ objects, format }: SourceList, partBytes: number): Generator<readonly SourceObject[]> {
  let part: SourceObject[] = [];
  let bytes = 0;
  for (const object of objects) {
    const factor = object.isGzip ? expansion.gzip : format === 'parquet' ? expansion.parquet : 1;
    const adds = factor * object.bytes;
    if (part.length === mostFiles || (part.length > 0 && bytes + adds > partBytes)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(object);
    bytes += adds;
  }
  if (part.length > 0) yield part;
}

async function ready(
  part: readonly SourceObject[],
  format: SourceFormat,
  spool: string,
  deps: Pick<WarehouseDeps, 's3'>,
  signal: AbortSignal | undefined,
): Promise<readonly ReadyFile[]> {
  const files: ReadyFile[] = [];
  await inLanes(part, lanes, signal, async (object, at) => {
    // Its ending is how DuckDB knows that it is compressed.
    const path = join(spool, `${at}.${format}${object.isGzip ? '.gz' : ''}`);
    files[at] = object.kind === 'file' ? await local(object, path) : await download(object, path, format, deps, signal);
  });
  return files;
}

/** DuckDB reads `*`, `?`, `[` in names as patterns: a file called so gets a link without. */
async function local(object: LocalObject, link: string): Promise<ReadyFile> {
  await assertSame(object);
  const isPlain = /^[^*?[\]{}\\]+$/.test(object.path) && object.path.endsWith(object.isGzip ? '.gz' : '');
  if (!isPlain) await symlink(object.path, link);
  return { path: isPlain ? object.path : link, name: objectName(object), isGzip: object.isGzip, rows: object.rows };
}

async function assertSame(object: LocalObject): Promise<void> {
  const found = await fileStamp(object.path).catch(() => undefined);
  if (found?.stamp === object.stamp) return;
  throw sourceChanged(
    object.path,
    found === undefined ? 'It is gone.' : 'Its size or its times are others than before.',
  );
}

async function download(
  object: S3Object,
  path: string,
  format: SourceFormat,
  { s3 }: Pick<WarehouseDeps, 's3'>,
  signal: AbortSignal | undefined,
): Promise<ReadyFile> {
  const { bucket, key, etag, bytes, isGzip } = object;
  const name = objectName(object);
  const body = await (await s3()).openObject(bucket, key, { etag, signal });
  if (body === undefined) throw sourceChanged(name, 'Another object, or none, has this key now.');
  await pipeline(body, createWriteStream(path), signal === undefined ? {} : { signal });
  const found = await fileStamp(path);
  if (found.bytes !== bytes) throw sourceChanged(name, `It has ${found.bytes} bytes, the list says ${bytes}.`);
  const { rows } = await digestAndRows(path, { name, bytes, format, isGzip }, signal);
  return { path, name, isGzip, rows };
}
