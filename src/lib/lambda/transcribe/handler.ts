import { OperationError } from '../../base/errors/mlops-error.js';
import type { Queue } from '../../platform/aws/sqs.js';
import { openBucketStore } from '../../recordings/output/bucket-store.js';
import { failureOf, inWords, RunStopper } from '../../recordings/output/failure.js';
import type { ProcessDeps } from '../../recordings/process-one.js';
import { readEvent } from '../../recordings/queue/events.js';
import { type Handler, type RunContext, untilDeadline } from '../handler.js';
import { type MetricValues, metricLine, transcribeUnits } from '../metrics.js';
import type { PipelineSettings } from '../settings.js';
import { queueUrl, type ReceivedMessage, readStart } from './event.js';
import { type Outcome, transcribeRecording } from './one-recording.js';

export interface TranscribeHandlerDeps extends ProcessDeps {
  /** The value of the metrics' dimension. */
  readonly project: string;
  readonly queue: (url: string) => Promise<Queue>;
  /** To the log that CloudWatch reads. */
  readonly writeLine: (line: string) => void;
}

/** The answer to an event of a queue: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html */
export interface QueueResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** The answer to any other event, for who runs it by hand. */
export interface EventResponse {
  readonly recordings: readonly Pick<Outcome, 'source' | 'status' | 'result'>[];
}

/** Kept for writing down what became of the work, and for the answer. */
const reserveMs = 8_000;
/** With less than this another recording is not begun: in a run of its own it has all the time there is. */
const leastMs = 20_000;
const putOffMs = 3_000;
const firstRetryS = 30;
const longestRetryS = 900;

/**
 * Transcribes what an event of S3 announces, by itself or through a queue. Of a queue's messages those that another attempt
 * may get over are named in the answer, and the queue hands them out again; any other event with such a recording fails.
 */
export function createTranscribeHandler(settings: PipelineSettings, deps: TranscribeHandlerDeps): Handler {
  return async (event, context) => {
    const run = new Run(settings, deps, context);
    try {
      const start = readStart(event);
      return start.by === 'queue' ? await run.queue(start.messages) : await run.event(start.body);
    } finally {
      run.end();
    }
  };
}

class Run {
  readonly #settings: PipelineSettings;
  readonly #deps: TranscribeHandlerDeps;
  readonly #context: RunContext;
  readonly #deadline: ReturnType<typeof untilDeadline>;
  readonly #values: MetricValues<typeof transcribeUnits>;
  #hasBegun = false;

  constructor(settings: PipelineSettings, deps: TranscribeHandlerDeps, context: RunContext) {
    this.#settings = settings;
    this.#deps = deps;
    this.#context = context;
    this.#deadline = untilDeadline(context, reserveMs, deps.now);
    this.#values = { RecordingsDone: 0, RecordingsFailed: 0, AudioSeconds: 0, ProcessingSeconds: 0 };
  }

  /** One message after the other: the memory and the disk of a function are for one recording. */
  async queue(messages: readonly ReceivedMessage[]): Promise<QueueResponse> {
    const left: ReceivedMessage[] = [];
    const putOff: Promise<void>[] = [];
    let stopped: RunStopper | undefined;
    for (const message of messages) {
      try {
        if (stopped !== undefined) throw stopped;
        for (const source of this.#read(message.body)) await this.#transcribe(source, message.receiveCount);
      } catch (error) {
        if (error instanceof RunStopper) stopped = error;
        left.push(message);
        putOff.push(this.#putOff(message, error));
      }
    }
    // A subnet without a way to SQS must not cost the answer, which is what counts.
    const patience = new Promise((resolve) => setTimeout(resolve, putOffMs).unref());
    await Promise.race([Promise.all(putOff), patience]);
    return { batchItemFailures: left.map(({ id }) => ({ itemIdentifier: id })) };
  }

  async event(body: string): Promise<EventResponse> {
    const recordings: EventResponse['recordings'][number][] = [];
    const failures: string[] = [];
    for (const source of this.#read(body)) {
      try {
        const { source: label, status, result } = await this.#transcribe(source, 1);
        recordings.push({ source: label, status, result });
      } catch (error) {
        if (error instanceof RunStopper) throw error.reason;
        failures.push(inWords(failureOf(error, source.label, new Date(this.#deps.now()))));
      }
    }
    if (failures.length === 0) return { recordings };
    throw new OperationError(`${failures.length} of ${failures.length + recordings.length} recordings failed`, {
      code: 'RECORDINGS_FAILED',
      why: failures.join('\n'),
      actions: ['Send the event again: what is done stays done'],
    });
  }

  /** The metrics of this run. */
  end(): void {
    this.#deadline.clear();
    const { project, writeLine, now } = this.#deps;
    const { requestId } = this.#context;
    writeLine(metricLine(transcribeUnits, this.#values, { project, at: now(), function: 'transcribe', requestId }));
  }

  #read(body: string) {
    const { created, ignored } = readEvent(body);
    for (const text of ignored) this.#context.reporter.note(`Ignored: ${text}`);
    return created;
  }

  async #transcribe(source: Parameters<typeof transcribeRecording>[0], receiveCount: number): Promise<Outcome> {
    const { now, s3 } = this.#deps;
    const { deadlineMs, requestId, reporter, signal: stop } = this.#context;
    const endMs = deadlineMs - reserveMs;
    const isFirst = !this.#hasBegun;
    if (stop.aborted || (!isFirst && endMs - now() < leastMs)) {
      throw new OperationError(`${source.label} waits for another run`, {
        code: 'OUT_OF_TIME',
        why: `${Math.max(0, Math.round((endMs - now()) / 1000))} s are left of this one.`,
      });
    }
    this.#hasBegun = true;
    const { bucket, results } = this.#settings;
    const store = openBucketStore(`s3://${bucket}/${results}`, await s3(), now);
    const startedAt = now();
    const outcome = await transcribeRecording(
      source,
      {
        ...{ settings: this.#settings, store, requestId, endMs, signal: this.#deadline.signal, stop },
        isLastChance: isFirst && receiveCount > 1,
      },
      { ...this.#deps, reporter },
    );
    if (outcome.status === 'stored') {
      this.#values.RecordingsDone += 1;
      this.#values.AudioSeconds += outcome.audioS;
      this.#values.ProcessingSeconds += (now() - startedAt) / 1000;
    }
    this.#values.RecordingsFailed += Number(outcome.isNewFailure);
    return outcome;
  }

  /** Without it a message comes back when the queue's visibility timeout is over, which is long. */
  async #putOff({ id, receipt, receiveCount }: ReceivedMessage, error: unknown): Promise<void> {
    const { reporter } = this.#context;
    const reason = error instanceof RunStopper ? error.reason : error;
    const { code, ...failure } = failureOf(reason, `Message ${id}`, new Date(this.#deps.now()));
    const retryS = Math.min(longestRetryS, firstRetryS * 2 ** Math.min(receiveCount - 1, 10));
    const said = inWords({ code, ...failure }).replace(/\.$/, '');
    reporter.warn(`${said}: back to the queue, attempt ${receiveCount}`);
    const url = receipt && queueUrl(receipt.queueArn);
    if (receipt === undefined || url === undefined) return;
    try {
      const queue = await this.#deps.queue(url);
      // Time is there again at once.
      const visibilityS = code === 'OUT_OF_TIME' ? 0 : retryS;
      await queue.changeVisibility({ id, body: '', receipt: receipt.handle, receiveCount }, visibilityS);
    } catch (cause) {
      reporter.note(`Message ${id} waits for the queue's visibility timeout: ${String(cause)}`);
    }
  }
}
