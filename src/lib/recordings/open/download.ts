import { open } from 'node:fs/promises';
import { describeError } from '../../base/errors/describe.js';
import { MlopsError, OperationError } from '../../base/errors/mlops-error.js';
import type { S3Objects } from '../../platform/aws/s3-objects.js';
import type { ObjectSource } from '../sources/source.js';

export interface Download {
  readonly source: ObjectSource;
  readonly etag: string;
  readonly bytes: number;
  readonly path: string;
  readonly signal: AbortSignal;
}

export interface DownloadDeps {
  /** Rejects when `signal` is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** In a row without a byte more. */
const mostBreaks = 5;
const firstPauseMs = 200;

/**
 * Streams an object into a file; memory does not grow with its size. A connection that breaks is taken up where it broke,
 * and only bytes of the object with this ETag are taken.
 * Throws OperationError `SOURCE_CHANGED`, `DOWNLOAD_FAILED`, or what S3 answers.
 */
export async function download(request: Download, s3: S3Objects, { sleep }: DownloadDeps): Promise<void> {
  const { source, etag, bytes, path, signal } = request;
  const file = await open(path, 'wx', 0o600);
  let position = 0;
  let breaks = 0;
  try {
    do {
      const startedAt = position;
      try {
        const body = await s3.openObject(source.bucket, source.key, { etag, start: position, signal });
        if (body === undefined) throw changed(source);
        for await (const chunk of body) {
          await file.writeFile(chunk as Buffer);
          position += (chunk as Buffer).length;
        }
        if (position < bytes) throw new Error('the connection ended early');
        if (position > bytes) throw changed(source);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof MlopsError || isDisk(error)) throw error;
        breaks = position > startedAt ? 1 : breaks + 1;
        if (breaks >= mostBreaks) throw broken(source, position, bytes, error);
        await sleep(firstPauseMs * 2 ** breaks, signal);
      }
    } while (position < bytes);
  } finally {
    await file.close();
  }
}

function isDisk(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).syscall === 'write';
}

function changed({ label }: ObjectSource): OperationError {
  return new OperationError(`${label} changed while it was read`, {
    code: 'SOURCE_CHANGED',
    why: 'Another object has this key since it was found, or none.',
    actions: ['Run the command again'],
  });
}

function broken({ label }: ObjectSource, position: number, bytes: number, error: unknown): OperationError {
  return new OperationError(`${label} could not be fetched`, {
    code: 'DOWNLOAD_FAILED',
    why: `After ${position} of ${bytes} bytes the connection broke ${mostBreaks} times in a row: ${describeError(error)}`,
    actions: ['Run the command again'],
    cause: error,
  });
}
