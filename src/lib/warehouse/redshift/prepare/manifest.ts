import { createHash } from 'node:crypto';
import type { S3Objects } from '../../../platform/aws/s3-objects.js';

export interface ManifestEntry {
  readonly url: string;
}

export interface Manifest {
  readonly url: string;
  readonly entries: readonly ManifestEntry[];
}

/**
 * Writes what COPY is to read, under its own digest: every entry has to be there. Sizes would be for Parquet; of text COPY compares
 * none, and each entry has the digest of its content in its name.
 * https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html
 */
export async function writeManifest(
  entries: readonly ManifestEntry[],
  { bucket, folder }: { readonly bucket: string; readonly folder: string },
  s3: S3Objects,
  signal: AbortSignal | undefined,
): Promise<Manifest> {
  const body = JSON.stringify({
    entries: entries.map(({ url }) => ({ url, mandatory: true })),
  });
  const key = `${folder}${createHash('sha256').update(body).digest('hex')}.manifest`;
  await s3.putObject(bucket, key, body, { contentType: 'application/json', signal });
  return { url: `s3://${bucket}/${key}`, entries };
}
