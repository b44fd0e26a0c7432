import { resolve } from 'node:path';
import type { S3Objects } from '../../platform/aws/s3-objects.js';
import { isS3Url, parseS3Url } from '../../platform/aws/s3-url.js';
import { openBucketStore } from './bucket-store.js';
import { lookIntoFolder, openFolderStore } from './folder-store.js';
import type { ResultStore } from './store.js';

interface StoreDeps {
  readonly cwd: string;
  readonly s3: () => Promise<S3Objects>;
  readonly now: () => number;
}

/** Where `--output` says. Throws UsageError `S3_URL_INVALID`, `OUTPUT_NOT_WRITABLE`, and what S3 says of the bucket. */
export async function openStore(output: string, { cwd, s3, now }: StoreDeps): Promise<ResultStore> {
  if (isS3Url(output)) {
    const objects = await s3();
    const { bucket, key } = parseS3Url(output);
    // That there is no such bucket is not to be found out after the first hour of audio.
    for await (const _ of objects.listObjects(bucket, key)) break;
    return openBucketStore(output, objects, now);
  }
  return await openFolderStore(resolve(cwd, output), output);
}

/** The same for looking only: nothing is made. */
export async function lookIntoStore(
  output: string,
  deps: StoreDeps,
): Promise<Pick<ResultStore, 'find' | 'locate' | 'close'>> {
  if (isS3Url(output)) return openBucketStore(output, await deps.s3(), deps.now);
  return await lookIntoFolder(resolve(deps.cwd, output), output);
}
