import { MlopsError } from '../../base/errors/mlops-error.js';
import type { S3Objects } from '../../platform/aws/s3-objects.js';
import { parseS3Url } from '../../platform/aws/s3-url.js';
import { formatOfName, reasonToSkip } from './format.js';
import type { S3Object } from './list.js';
import { missing, unknownFormat } from './local.js';

export type FoundObject = S3Object | { readonly skipped: string; readonly reason: string };

/**
 * The objects of `s3://bucket/..`: the one of exactly this key; else all below it as a folder; with a `*` at the end every
 * key that begins so. Throws UsageError `SOURCE_MISSING`, `SOURCE_FORMAT_UNKNOWN`, and what S3 answers.
 */
export async function* findObjects(url: string, s3: S3Objects, signal?: AbortSignal): AsyncGenerator<FoundObject> {
  const { bucket, key } = parseS3Url(url);
  const isFolder = key === '' || key.endsWith('/');
  const isPrefix = key.endsWith('*');
  const head = isFolder || isPrefix ? undefined : await headIfAllowed(s3, bucket, key, signal);
  if (head !== undefined) {
    const named = formatOfName(key);
    if (named === undefined) throw unknownFormat(url);
    yield { kind: 'object', bucket, key, etag: head.etag, bytes: head.bytes, isGzip: named.isGzip };
    return;
  }
  const prefix = isPrefix ? key.slice(0, -1) : isFolder ? key : `${key}/`;
  let count = 0;
  for await (const { key: found, bytes, etag } of s3.listObjects(bucket, prefix, signal)) {
    count += 1;
    if (found.endsWith('/')) continue;
    const reason = reasonToSkip(found);
    const isGzip = formatOfName(found)?.isGzip === true;
    if (reason !== undefined) yield { skipped: `s3://${bucket}/${found}`, reason };
    else yield { kind: 'object', bucket, key: found, etag, bytes, isGzip };
  }
  // A folder may be empty today.
  if (count > 0 || isFolder) return;
  if (isPrefix) throw missing(url, 'No key begins so.');
  const why = 'No object has this key, and none lies below it as a folder.';
  throw missing(url, why, [`To take every key that begins so: '${url}*'`]);
}

/** Who may not read the object, or not know that it is not there, may still list. */
async function headIfAllowed(s3: S3Objects, bucket: string, key: string, signal?: AbortSignal) {
  try {
    return await s3.headObject(bucket, key, signal);
  } catch (error) {
    if (error instanceof MlopsError && error.code === 'ACCESS_DENIED') return undefined;
    throw error;
  }
}
