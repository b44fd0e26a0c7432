import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/**
 * Id of an object in S3: bucket, key and version, with NUL between. The version is the ETag where the bucket has none, with
 * or without its quotes.
 */
export function objectId(bucket: string, key: string, versionOrEtag: string): string {
  const version = versionOrEtag.replace(/^"(.*)"$/, '$1');
  return shortened(createHash('sha256').update(`${bucket}\0${key}\0${version}`));
}

/** Id of a local file: its content. Throws what reading throws, and the signal's reason. */
export async function fileId(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const bytes = createReadStream(path, { highWaterMark: 1 << 20, ...(signal === undefined ? {} : { signal }) });
  for await (const chunk of bytes) hash.update(chunk as Buffer);
  return shortened(hash);
}

/** The first half of a SHA-256: 32 hex digits, which fit a VARCHAR(50). */
function shortened(hash: Hash): string {
  return hash.digest('hex').slice(0, 32);
}
