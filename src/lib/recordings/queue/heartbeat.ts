import { describeError } from '../../base/errors/describe.js';
import type { Reporter } from '../../base/progress/reporter.js';
import type { Queue, QueueMessage } from '../../platform/aws/sqs.js';

export interface HeartbeatDeps {
  readonly reporter: Reporter;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * Keeps a message from everybody else while work goes on: three times in the time that it is out of sight it is taken out
 * of sight anew, so that one call that fails does not matter. Returns what ends that.
 */
export function keepInvisible(
  queue: Queue,
  message: QueueMessage,
  visibilityS: number,
  { reporter, sleep }: HeartbeatDeps,
): () => Promise<void> {
  const ending = new AbortController();
  const beat = async () => {
    // The end may come while a sign of life is on its way: then there is no sleep to wake from.
    while (!ending.signal.aborted) {
      try {
        await sleep((visibilityS * 1000) / 3, ending.signal);
      } catch {
        return;
      }
      try {
        if (await queue.changeVisibility(message, visibilityS)) continue;
        reporter.warn(
          `Message ${message.id} cannot be kept any longer: another worker may get it too, and will find the result. SQS keeps a message away for 12 hours at most.`,
        );
        return;
      } catch (error) {
        reporter.warn(`Message ${message.id} could not be kept out of sight this time: ${describeError(error)}`);
      }
    }
  };
  const beating = beat();
  return async () => {
    ending.abort();
    await beating;
  };
}
