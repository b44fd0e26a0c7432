import { MlopsError } from '../../base/errors/mlops-error.js';
import type { Reporter } from '../../base/progress/reporter.js';
import { formatDuration } from '../../base/units.js';
import type { Queue, QueueMessage } from '../../platform/aws/sqs.js';
import type { ChannelMode } from '../../speech/types.js';
import type { FileFormat } from '../formats/format.js';
import { failureOf, inWords, RunStopper, stopping } from '../output/failure.js';
import type { ResultStore } from '../output/store.js';
import { type ProcessDeps, processOne } from '../process-one.js';
import type { ObjectSource } from '../sources/source.js';
import { readEvent } from './events.js';
import { keepInvisible } from './heartbeat.js';
import type { Watch } from './watch.js';

/** What became of one recording. */
export interface QueueOutcome {
  readonly status: 'stored' | 'done';
  readonly source: string;
  readonly id: string;
  readonly result: string;
}

export interface HandlerRequest {
  readonly queue: Queue;
  readonly watch: Watch;
  readonly store: ResultStore;
  readonly format: FileFormat;
  readonly channels: ChannelMode;
  readonly force: boolean;
  /** How long nobody else gets a message from the last sign of life on, in seconds. */
  readonly visibilityS: number;
  readonly maxReceives: number | undefined;
  readonly onOutcome: (outcome: QueueOutcome) => Promise<void>;
}

export interface HandlerDeps extends ProcessDeps {
  readonly reporter: Reporter;
}

/** What failed is tried again after this long, then after twice as long, and so on. */
const firstRetryS = 30;
const longestRetryS = 900;
/** Work on a message is never dropped: it ends by itself, or with the process. */
const never = new AbortController().signal;

/**
 * Works on one message and deletes it when everything in it is stored. What fails is left in the queue, which tries again
 * and, by its redrive policy, puts it aside. Resolves to whether it is gone; throws what stops the worker.
 */
export async function handleMessage(
  message: QueueMessage,
  request: HandlerRequest,
  deps: HandlerDeps,
): Promise<boolean> {
  const { queue, visibilityS } = request;
  const letGo = keepInvisible(queue, message, visibilityS, deps);
  try {
    const { created, ignored } = readEvent(message.body);
    for (const text of ignored) deps.reporter.note(`Ignored: ${text}`);
    for (const source of created) await transcribe(source, request, deps);
    await letGo();
    await queue.delete(message);
    return true;
  } catch (error) {
    await letGo();
    if (error instanceof RunStopper) {
      await queue.changeVisibility(message, 0).catch(() => {});
      throw error.reason;
    }
    await leave(message, error, request, deps);
    return false;
  }
}

async function transcribe(source: ObjectSource, request: HandlerRequest, deps: HandlerDeps): Promise<void> {
  const { store, format, channels, force } = request;
  const name = await stopping(async () => request.watch.resultName(source));
  if (typeof name !== 'string') {
    deps.reporter.note(`Ignored: ${source.label}: ${name.because}`);
    return;
  }
  const target = { store, format, path: `${name}.${format}` };
  try {
    const startedAt = deps.now();
    const done = await processOne({ source, channels, force, target, signal: never }, deps);
    const { status, result = '' } = done;
    if (status === 'made') {
      const audio = formatDuration(done.record.duration_s * 1000);
      deps.reporter.note(`${source.label}: ${audio} of audio in ${formatDuration(deps.now() - startedAt)}`);
      await request.onOutcome({ status: 'stored', source: source.label, id: done.record.id, result });
    } else {
      deps.reporter.note(`${source.label}: done before`);
      await request.onOutcome({ status: 'done', source: source.label, id: done.id, result });
    }
  } catch (error) {
    if (error instanceof RunStopper) throw error;
    if (error instanceof MlopsError && error.code === 'SOURCE_GONE') {
      deps.reporter.warn(`${error.message}: nothing to do for it`);
      return;
    }
    await stopping(() => store.logFailure(failureOf(error, source.label, new Date(deps.now()))));
    throw error;
  }
}

/** The queue decides how often it is tried. */
async function leave(
  message: QueueMessage,
  error: unknown,
  { queue, maxReceives }: HandlerRequest,
  { reporter, now }: HandlerDeps,
): Promise<void> {
  const { receiveCount } = message;
  const what = inWords(failureOf(error, '', new Date(now())));
  const retryS = Math.min(longestRetryS, firstRetryS * 2 ** Math.min(receiveCount - 1, 10));
  const isLast = maxReceives !== undefined && receiveCount >= maxReceives;
  const next = isLast ? 'the queue puts it aside' : `it waits ${formatDuration(retryS * 1000)} for another attempt`;
  const times = maxReceives === undefined ? `${receiveCount}` : `${receiveCount} of ${maxReceives}`;
  reporter.warn(`Message ${message.id}, attempt ${times}: ${what}; ${next}`);
  await queue.changeVisibility(message, isLast ? 0 : retryS).catch(() => {});
}
