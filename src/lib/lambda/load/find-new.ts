import type { S3Objects } from '../../platform/aws/s3-objects.js';
import { formatOfName, reasonToSkip } from '../../warehouse/sources/format.js';
import type { S3Object, SourceFormat } from '../../warehouse/sources/list.js';
import type { LoadedStore } from './loaded.js';

export interface Results {
  readonly s3: S3Objects;
  readonly bucket: string;
  /** With a slash at its end. */
  readonly prefix: string;
}

/** The folder right below the prefix, which is a day; empty for what lies there itself. */
export function partOf(key: string, prefix: string): string {
  const slash = key.indexOf('/', prefix.length);
  return slash === -1 ? '' : key.slice(prefix.length, slash);
}

export interface Known {
  /** Whether a load is one that the warehouse has. */
  readonly isCommitted: (loadId: string) => boolean;
  /** Hears of each object that was refused before, and is still as it was. */
  readonly onRefused: () => void;
}

/**
 * What lies below the prefix and was neither loaded nor refused. Everything is listed each time, so that nothing is missed,
 * however late it comes; memory is that of one part.
 */
export async function* findNew(
  { s3, bucket, prefix }: Results,
  store: LoadedStore,
  { isCommitted, onRefused }: Known,
  signal: AbortSignal,
): AsyncGenerator<S3Object> {
  let part: string | undefined;
  let found: S3Object[] = [];
  const news = async function* () {
    if (part === undefined || found.length === 0) return;
    const { loaded, refused } = await store.read(part);
    for (const object of found) {
      if (refused.get(object.key)?.etag === object.etag) {
        onRefused();
        continue;
      }
      const before = loaded.get(object.key);
      if (before?.etag !== object.etag || !isCommitted(before.loadId)) yield object;
    }
  };
  for await (const { key, etag, bytes } of s3.listObjects(bucket, prefix, signal)) {
    const next = partOf(key, prefix);
    if (next !== part) {
      yield* news();
      part = next;
      found = [];
    }
    if (key.endsWith('/') || reasonToSkip(key) !== undefined) continue;
    found.push({ kind: 'object', bucket, key, etag, bytes, isGzip: formatOfName(key)?.isGzip === true });
  }
  yield* news();
}

export interface Batch {
  readonly format: SourceFormat;
  readonly objects: readonly S3Object[];
}

/** Loads of bounded size, each of one format. */
export async function* inBatches(
  objects: AsyncIterable<S3Object>,
  most: { readonly objects: number; readonly bytes: number },
): AsyncGenerator<Batch> {
  const waiting = new Map<SourceFormat, { objects: S3Object[]; bytes: number }>();
  for await (const object of objects) {
    const format = formatOfName(object.key)?.format;
    if (format === undefined) continue;
    const batch = waiting.get(format) ?? { objects: [], bytes: 0 };
    waiting.set(format, batch);
    if (batch.objects.length > 0 && batch.bytes + object.bytes > most.bytes) {
      yield { format, objects: batch.objects.splice(0) };
      batch.bytes = 0;
    }
    batch.objects.push(object);
    batch.bytes += object.bytes;
    if (batch.objects.length < most.objects) continue;
    yield { format, objects: batch.objects.splice(0) };
    batch.bytes = 0;
  }
  for (const [format, batch] of waiting) if (batch.objects.length > 0) yield { format, objects: batch.objects };
}
