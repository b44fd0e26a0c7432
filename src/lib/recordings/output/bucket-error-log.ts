import { OperationError } from '../../base/errors/mlops-error.js';
import type { S3Objects } from '../../platform/aws/s3-objects.js';
import type { Failure } from './failure.js';

/** At most this often while a run is under way; the rest at its end. */
const flushEveryMs = 5_000;
/** Others may write at the same time: each time one of them wins. */
const mostAttempts = 20;

/**
 * errors.jsonl in a bucket. S3 has no append: the object is read and stored with more lines, unless another has done so
 * meanwhile; then again. A kill loses the last seconds of it, and the recordings fail again at the next run.
 */
export function createBucketErrorLog(s3: S3Objects, bucket: string, key: string, now: () => number) {
  let waiting: Failure[] = [];
  let flushedAt = Number.NEGATIVE_INFINITY;
  let turn: Promise<void> = Promise.resolve();

  const append = async () => {
    if (waiting.length === 0) return;
    const failures = waiting;
    waiting = [];
    flushedAt = now();
    const lines = failures.map((failure) => `${JSON.stringify(failure)}\n`).join('');
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const before = await s3.readText(bucket, key);
      const stored = await s3.putObject(bucket, key, (before?.text ?? '') + lines, {
        contentType: 'application/x-ndjson',
        onlyOver: before === undefined ? 'absent' : { etag: before.etag },
      });
      if (stored) return;
    }
    throw new OperationError(`s3://${bucket}/${key} could not be appended to`, {
      code: 'OUTPUT_FAILED',
      why: `In ${mostAttempts} attempts another writer was faster each time.`,
    });
  };
  const flush = () => {
    const next = turn.then(append);
    turn = next.catch(() => {});
    return next;
  };
  return {
    async add(failure: Failure): Promise<void> {
      waiting.push(failure);
      if (now() - flushedAt >= flushEveryMs) await flush();
    },
    flush,
  };
}
