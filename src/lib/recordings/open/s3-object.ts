import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationError } from '../../base/errors/mlops-error.js';
import type { S3Objects } from '../../platform/aws/s3-objects.js';
import { temporaryName } from '../../platform/files/leftovers.js';
import { objectId } from '../../transcript/id.js';
import type { ObjectSource } from '../sources/source.js';
import { type DownloadDeps, download } from './download.js';
import type { OpenedRecording } from './opened.js';

/** Begins the name of a folder with a recording in it, in the folder for temporary files. */
export const fetchedPrefix = 'mlops-recording-';

export interface ObjectDeps extends DownloadDeps {
  readonly s3: S3Objects;
  /** For recordings under work: about as much space as the largest of them, times how many are under work at once. */
  readonly tempDir: string;
}

/** Throws OperationError `SOURCE_GONE` when there is no such object. Permission: s3:GetObject. */
export async function openS3Object(
  source: ObjectSource,
  deps: ObjectDeps,
  signal: AbortSignal,
): Promise<OpenedRecording> {
  const { bucket, key, label } = source;
  const head = await deps.s3.headObject(bucket, key, signal);
  if (head === undefined) {
    throw new OperationError(`${label} is gone`, {
      code: 'SOURCE_GONE',
      why: 'It was there when it was found or announced, and has been deleted since.',
    });
  }
  let folder: string | undefined;
  let fetched: Promise<string> | undefined;
  const fetch = async () => {
    folder = await mkdtemp(join(deps.tempDir, `${temporaryName(fetchedPrefix)}-`));
    const path = join(folder, 'recording');
    await download({ source, etag: head.etag, bytes: head.bytes, path, signal }, deps.s3, deps);
    return path;
  };
  return {
    id: objectId(bucket, key, head.version ?? head.etag),
    uploadedAt: head.modifiedAt,
    file: () => {
      fetched ??= fetch();
      return fetched;
    },
    // The download took this ETag or nothing, and the file is ours.
    verify: async () => {},
    dispose: async () => {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
