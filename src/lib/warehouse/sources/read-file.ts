import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { describeError } from '../../base/errors/describe.js';
import { MlopsError } from '../../base/errors/mlops-error.js';
import { badRecord, sourceChanged } from '../errors.js';
import type { NamedFormat } from './format.js';
import type { LocalObject } from './list.js';
import { createRowCounter, type RowCounter } from './row-counter.js';

/**
 * What tells whether a file was touched: a write that keeps size and time of modification still moves the time of change,
 * which nobody can set.
 */
export async function fileStamp(path: string): Promise<{ readonly stamp: string; readonly bytes: number }> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return { stamp: [dev, ino, size, mtimeNs, ctimeNs].join(':'), bytes: Number(size) };
}

/** Reads a file once for its digest and its rows. Throws `SOURCE_CHANGED` and, for what is no gzip, `BAD_RECORD`. */
export async function readLocalObject(path: string, named: NamedFormat, signal?: AbortSignal): Promise<LocalObject> {
  const before = await fileStamp(path);
  const { digest, rows } = await digestAndRows(path, named, signal);
  const after = await fileStamp(path);
  if (before.stamp !== after.stamp) throw sourceChanged(path, 'Its size or its times are others than before.');
  return { kind: 'file', path, digest, rows, bytes: before.bytes, stamp: before.stamp, isGzip: named.isGzip };
}

/** SHA-256 of the bytes as they are, and the rows in what they hold. Throws `BAD_RECORD` for what is no gzip. */
export async function digestAndRows(path: string, { format, isGzip }: NamedFormat, signal?: AbortSignal) {
  const hash = createHash('sha256');
  const counter = createRowCounter(format);
  const options = signal === undefined ? {} : { signal };
  const bytes = createReadStream(path, { highWaterMark: 1 << 20 });
  async function* hashed(source: AsyncIterable<Uint8Array>) {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  }
  try {
    if (isGzip) await pipeline(bytes, hashed, createGunzip(), counted(counter), options);
    else await pipeline(bytes, hashed, counted(counter), options);
  } catch (error) {
    if (error instanceof MlopsError || !isZlibError(error)) throw error;
    throw badRecord({ file: path }, `It is no whole gzip: ${describeError(error)}.`, error);
  }
  return { digest: hash.digest('hex'), rows: counter?.rows() };
}

function counted(counter: RowCounter | undefined) {
  return async (source: AsyncIterable<Uint8Array>) => {
    for await (const chunk of source) counter?.push(chunk);
  };
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('Z_');
}
