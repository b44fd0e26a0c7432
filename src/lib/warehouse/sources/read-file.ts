import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { describeError } from '../../base/errors/describe.js';
import { MlopsError } from '../../base/errors/mlops-error.js';
import { badRecord, sourceChanged } from '../errors.js';
import { throwIfInterrupted } from '../interrupted.js';
import { byteLines } from './byte-lines.js';
import type { NamedFormat } from './format.js';
import type { LocalObject } from './list.js';
import { readLine } from './record-rules.js';
import { createRowCounter, type RowCounter } from './row-counter.js';

const chunkBytes = 1 << 20;

interface FileToRead extends NamedFormat {
  /** What to call it in errors. */
  readonly name: string;
  /** How much of it there is, about. */
  readonly bytes: number;
}

/**
 * What tells whether a file was touched: a write that keeps size and time of modification still moves the time of change,
 * which nobody can set.
 */
export async function fileStamp(path: string): Promise<{ readonly stamp: string; readonly bytes: number }> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return { stamp: [dev, ino, size, mtimeNs, ctimeNs].join(':'), bytes: Number(size) };
}

/** Reads a file once for its digest and its rows. Throws `SOURCE_CHANGED`, and what `digestAndRows` throws. */
export async function readLocalObject(path: string, named: NamedFormat, signal?: AbortSignal): Promise<LocalObject> {
  const before = await fileStamp(path);
  const { digest, rows } = await digestAndRows(path, { ...named, name: path, bytes: before.bytes }, signal);
  const after = await fileStamp(path);
  if (before.stamp !== after.stamp) throw sourceChanged(path, 'Its size or its times are others than before.');
  return { kind: 'file', path, digest, rows, bytes: before.bytes, stamp: before.stamp, isGzip: named.isGzip };
}

/**
 * SHA-256 of the bytes as they are, and the rows in what they hold. Throws `BAD_RECORD` for what is no gzip, and for rows of which
 * readers make different things: CSV that is no RFC 4180, commas behind the last member in JSON.
 */
export async function digestAndRows(
  path: string,
  { name, bytes, format, isGzip }: FileToRead,
  signal?: AbortSignal,
): Promise<{ readonly digest: string; readonly rows: number | undefined }> {
  const hash = createHash('sha256');
  const counter = createRowCounter(format);
  const hashed = async function* () {
    for await (const chunk of chunks(path, bytes, signal)) {
      hash.update(chunk);
      // zlib reads on its own thread while the next chunk is fetched into the same memory.
      yield isGzip ? Buffer.from(chunk) : chunk;
    }
  };
  try {
    if (isGzip) await pipeline(hashed, createGunzip(), counted(counter));
    else await counted(counter)(hashed());
  } catch (error) {
    if (error instanceof MlopsError || !isZlibError(error)) throw error;
    throw badRecord({ file: name }, `It is no whole gzip: ${describeError(error)}.`, error);
  }
  const found = counter?.end();
  const bad = found?.mayHaveLooseCommas === true ? await badLine(path, isGzip, signal) : found?.bad;
  if (bad !== undefined) throw badRecord({ file: name, line: bad.line }, bad.why);
  return { digest: hash.digest('hex'), rows: found?.rows };
}

/** The first line that is no JSON. */
async function badLine(path: string, isGzip: boolean, signal: AbortSignal | undefined) {
  let line = 0;
  for await (const bytes of byteLines(path, isGzip)) {
    throwIfInterrupted(signal);
    line += 1;
    const read = readLine(bytes);
    if (read !== undefined && 'why' in read) return { line, why: read.why };
  }
  return undefined;
}

/**
 * Always the same memory, which is good until the next chunk: a new buffer for each costs more than the digest. A small file, and
 * there may be many, gets a small one.
 */
async function* chunks(path: string, bytes: number, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, bytes + 1));
    for (;;) {
      throwIfInterrupted(signal);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

function counted(counter: RowCounter | undefined) {
  return async (source: AsyncIterable<Uint8Array>) => {
    for await (const chunk of source) counter?.push(chunk);
  };
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('Z_');
}
