import { describeError } from '../../base/errors/describe.js';
import { MlopsError, PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { QueueMessage } from '../../platform/aws/sqs.js';
import { type HandlerDeps, type HandlerRequest, handleMessage } from './handle-message.js';

export interface WorkerRequest extends HandlerRequest {
  /** Messages under work at once. */
  readonly concurrency: number;
  /** Ends when the queue has nothing more, instead of waiting for it. */
  readonly untilEmpty: boolean;
  /** Stop: what is under work is finished, the rest goes back to the queue. */
  readonly stop: AbortSignal;
}

export interface WorkerSummary {
  /** Messages that were worked on and deleted. */
  readonly handled: number;
  /** Messages that were left to the queue. */
  readonly left: number;
}

/** SQS waits at most 20 s for a message. */
const pollS = 20;
const emptyPollS = 3;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

/**
 * Takes messages off a queue until it is stopped. An outage of SQS is waited out. Throws, when nothing is under work any
 * more, what no message could be worked on with: credentials that are refused, results that cannot be stored.
 */
export async function runWorker(request: WorkerRequest, deps: HandlerDeps): Promise<WorkerSummary> {
  const { queue, concurrency, untilEmpty } = request;
  const broken = new AbortController();
  const stop = AbortSignal.any([request.stop, broken.signal]);
  const underWork = new Set<Promise<void>>();
  const summary = { handled: 0, left: 0 };
  const stopped = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve(), { once: true });
  });

  const start = (message: QueueMessage) => {
    const work: Promise<void> = handleMessage(message, request, deps)
      .then(
        (isHandled) => {
          summary[isHandled ? 'handled' : 'left'] += 1;
        },
        (error: unknown) => broken.abort(error),
      )
      .finally(() => underWork.delete(work));
    underWork.add(work);
  };

  for (let pauseMs = firstPauseMs; !stop.aborted; ) {
    const free = concurrency - underWork.size;
    if (free === 0) {
      await Promise.race([...underWork, stopped]);
      continue;
    }
    try {
      const waitS = untilEmpty ? emptyPollS : pollS;
      const options = { atMost: free, visibilityS: request.visibilityS, waitS, signal: stop };
      const messages = await queue.receive(options);
      pauseMs = firstPauseMs;
      if (stop.aborted) await release(messages, request);
      else messages.forEach(start);
      if (untilEmpty && messages.length === 0) {
        if (underWork.size === 0) break;
        await Promise.race([...underWork, stopped]);
      }
    } catch (error) {
      if (stop.aborted) break;
      if (isLasting(error)) broken.abort(error);
      else {
        deps.reporter.warn(`The queue does not answer, next attempt in ${pauseMs / 1000} s: ${describeError(error)}`);
        await deps.sleep(pauseMs, stop).catch(() => {});
        pauseMs = Math.min(longestPauseMs, pauseMs * 2);
      }
    }
  }
  if (underWork.size > 0) deps.reporter.note(`Finishing ${underWork.size} under work`);
  await Promise.all(underWork);
  if (broken.signal.aborted) throw broken.signal.reason;
  return summary;
}

/** Others get them at once. */
async function release(messages: readonly QueueMessage[], { queue }: WorkerRequest): Promise<void> {
  await Promise.allSettled(messages.map((message) => queue.changeVisibility(message, 0)));
}

function isLasting(error: unknown): boolean {
  if (error instanceof PrerequisiteError) return true;
  return error instanceof MlopsError && ['ACCESS_DENIED', 'QUEUE_MISSING'].includes(error.code);
}
