import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { sourceChanged } from '../../errors.js';
import type { WarehouseDeps } from '../../settings.js';
import { objectName, type SourceObject } from '../../sources/list.js';
import { fileStamp } from '../../sources/read-file.js';

/** Bytes of an object that are taken ahead of their turn, and how many such objects. */
const ahead = { bytes: 1 << 20, objects: 8 };

export interface OpenObject {
  readonly object: SourceObject;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * The objects of a list, one after the other, each exactly what the list says: of S3 the object with this ETag, of a file the
 * content with this digest. Small ones are fetched ahead, because most of the time of many small ones is waiting. Throws
 * `SOURCE_CHANGED`, at the latest with the last byte.
 */
export async function* openAll(
  objects: readonly SourceObject[],
  { s3 }: Pick<WarehouseDeps, 's3'>,
  signal: AbortSignal | undefined,
): AsyncGenerator<OpenObject> {
  const fetched: (Promise<Uint8Array[]> | undefined)[] = [];
  const open = (object: SourceObject) =>
    object.kind === 'file' ? localBytes(object) : remoteBytes(object, s3, signal);
  for (const [at, object] of objects.entries()) {
    for (let next = at; next < Math.min(at + ahead.objects, objects.length); next += 1) {
      const small = objects[next];
      if (small === undefined || small.bytes > ahead.bytes || fetched[next] !== undefined) continue;
      fetched[next] = gathered(open(small));
      // It is awaited in its turn, or never.
      fetched[next]?.catch(() => undefined);
    }
    const ready = fetched[at];
    yield { object, bytes: ready === undefined ? open(object) : inTurn(ready) };
    fetched[at] = undefined;
  }
}

async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

async function* inTurn(chunks: Promise<Uint8Array[]>): AsyncGenerator<Uint8Array> {
  yield* await chunks;
}

async function* remoteBytes(
  object: SourceObject & { readonly kind: 'object' },
  s3: WarehouseDeps['s3'],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { bucket, key, etag } = object;
  const body: Readable | undefined = await (await s3()).openObject(bucket, key, { etag, signal });
  if (body === undefined) throw sourceChanged(objectName(object), 'Another object, or none, has this key now.');
  yield* sized(body as AsyncIterable<Uint8Array>, object);
}

async function* localBytes(object: SourceObject & { readonly kind: 'file' }): AsyncGenerator<Uint8Array> {
  const stamp = await fileStamp(object.path).catch(() => undefined);
  if (stamp === undefined) throw sourceChanged(object.path, 'It is gone.');
  const hash = createHash('sha256');
  for await (const chunk of sized(createReadStream(object.path, { highWaterMark: 1 << 20 }), object)) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== object.digest) throw sourceChanged(object.path, 'Its content is another than before.');
}

async function* sized(chunks: AsyncIterable<Uint8Array>, object: SourceObject): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    yield chunk;
  }
  if (bytes === object.bytes) return;
  throw sourceChanged(objectName(object), `It has ${bytes} bytes, the list says ${object.bytes}.`);
}
