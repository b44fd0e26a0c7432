import { MlopsError, UsageError } from '../../base/errors/mlops-error.js';
import { isS3Url } from '../../platform/aws/s3-url.js';
import type { Queue } from '../../platform/aws/sqs.js';
import { defaultThreads } from '../../speech/default-threads.js';
import type { RecordingsDeps } from '../deps.js';
import { fileFormat } from '../formats/format.js';
import { openStore } from '../output/open-store.js';
import { withModel } from '../session.js';
import type { TranscribeRequest } from '../transcribe.js';
import type { QueueOutcome } from './handle-message.js';
import { createWatch } from './watch.js';
import { runWorker, type WorkerSummary } from './worker.js';

/** When a worker dies, others get its messages so many seconds after its last sign of life. */
const visibilityS = 120;

export interface QueueRequest extends TranscribeRequest {
  /** Address of an SQS queue with events of S3. */
  readonly queue: string;
  readonly untilEmpty: boolean;
  readonly onOutcome: (outcome: QueueOutcome) => Promise<void>;
}

/** Works on the recordings that a queue announces until the signal stops it; what is under work is finished then. */
export async function transcribeQueue(request: QueueRequest, deps: RecordingsDeps): Promise<WorkerSummary> {
  const { output, sources, signal } = request;
  if (output === undefined) {
    throw new UsageError('--queue needs --output', {
      code: 'OUTPUT_REQUIRED',
      why: 'A message is deleted when its result is stored.',
      actions: ['Add --output s3://bucket/transcripts or a folder'],
    });
  }
  const local = sources.find((source) => !isS3Url(source));
  if (local !== undefined) {
    throw new UsageError(`${local} is nothing that a queue announces`, {
      code: 'SOURCE_NOT_WATCHED',
      why: 'With --queue, SOURCE is s3://bucket/prefix: events of other objects are passed over.',
    });
  }
  const format = fileFormat(request.format);
  const watch = createWatch(sources, output);
  const queue = await deps.queue(request.queue);
  const maxReceives = await readMaxReceives(queue, deps);
  const concurrency = request.concurrency ?? defaultThreads(deps);
  return await withModel({ ...request, concurrency }, deps, async (process) => {
    const store = await openStore(output, deps);
    try {
      deps.reporter.note(`Waiting for recordings from ${request.queue}, ${concurrency} at once`);
      return await runWorker(
        { ...request, queue, watch, store, format, maxReceives, concurrency, visibilityS, stop: signal },
        { ...deps, ...process },
      );
    } finally {
      await store.close();
    }
  });
}

/** Also finds out whether there is such a queue. */
async function readMaxReceives(queue: Queue, { reporter }: RecordingsDeps): Promise<number | undefined> {
  try {
    const { maxReceives } = await queue.settings();
    if (maxReceives === undefined) {
      reporter.warn('The queue has no redrive policy: what fails is tried again until it expires');
    }
    return maxReceives;
  } catch (error) {
    if (error instanceof MlopsError && error.code === 'ACCESS_DENIED') return undefined;
    throw error;
  }
}
