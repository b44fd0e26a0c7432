import { type Reporter, silentReporter } from '../../base/progress/reporter.js';
import { formatDuration } from '../../base/units.js';
import type { ChannelMode } from '../../speech/types.js';
import type { TranscriptRecord } from '../../transcript/record.js';
import type { FileFormat } from '../formats/format.js';
import { type Failure, failureOf, inWords, RunStopper } from '../output/failure.js';
import type { ResultStore } from '../output/store.js';
import { type ProcessDeps, processOne } from '../process-one.js';
import type { Item, Skipped } from '../sources/source.js';
import { BatchProgress } from './progress.js';
import { createTurns } from './turns.js';

export interface BatchRequest {
  readonly items: readonly Item[];
  readonly channels: ChannelMode;
  readonly output: { readonly store: ResultStore; readonly format: FileFormat } | undefined;
  readonly force: boolean;
  /** Recordings under work at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Hears of every record when it is stored, one after the other, in the order they are made. */
  readonly onRecord: (record: TranscriptRecord, result: string | undefined) => Promise<void>;
}

export interface BatchResult {
  readonly made: number;
  /** Done before, with the same model. */
  readonly skipped: readonly Skipped[];
  readonly failed: readonly Failure[];
  readonly isInterrupted: boolean;
}

export interface BatchDeps extends ProcessDeps {
  readonly reporter: Reporter;
}

/** Finding out whether a result is there takes a request or a hash: many at once, far ahead of the recognition. */
const lookAhead = 8;

/**
 * Transcribes all. What is wrong with one recording is reported and logged beside the results, and the others go on.
 * Throws what stops the whole run, after what is under work has been dropped.
 */
export async function runBatch(request: BatchRequest, deps: BatchDeps): Promise<BatchResult> {
  const { items, output, concurrency } = request;
  const reporter = items.length === 0 ? silentReporter : deps.reporter;
  const stopping = new AbortController();
  const signal = AbortSignal.any([request.signal, stopping.signal]);
  const progress = new BatchProgress(items, deps.now);
  const result = { made: 0, skipped: [] as Skipped[], failed: [] as Failure[] };
  const step = reporter.step(`Transcribing ${count(items.length)}`);
  // One recording is fetched while all threads are at work.
  const join = createTurns(concurrency + (items.some(({ source }) => source.kind === 'object') ? 1 : 0));
  const joinWriters = createTurns(1);
  const waiting = items.values();

  const processNext = async (item: Item) => {
    const ofItem = progress.begin(item);
    const turn = join();
    const { source } = item;
    try {
      const done = await processOne(
        {
          ...request,
          source,
          signal,
          inTurn: async (work) => {
            await turn.come();
            signal.throwIfAborted();
            return await work();
          },
          target: output && { ...output, path: `${item.name}.${output.format}` },
          onProgress: (doneS, totalS) => {
            ofItem.at(doneS, totalS);
            step.update(progress.line());
          },
        },
        deps,
      );
      if (done.status === 'done') {
        ofItem.dropped();
        result.skipped.push({ source: source.label, reason: `done: ${done.result}` });
      } else {
        ofItem.made(done.record.duration_s);
        result.made += 1;
        const writing = joinWriters();
        await writing.come();
        await request.onRecord(done.record, done.result).finally(writing.leave);
      }
    } catch (error) {
      if (signal.aborted || error instanceof RunStopper) throw error;
      ofItem.dropped();
      const failure = failureOf(error, source.label, new Date(deps.now()));
      result.failed.push(failure);
      reporter.warn(inWords(failure));
      await output?.store.logFailure(failure);
    } finally {
      turn.leave();
    }
    step.update(progress.line());
  };
  const workers = Array.from({ length: Math.min(items.length, concurrency + lookAhead) }, async () => {
    for (const item of waiting) await processNext(item);
  });
  const guarded = workers.map(async (worker) => {
    try {
      await worker;
    } catch (error) {
      stopping.abort(error);
      throw error;
    }
  });
  const ended = await Promise.allSettled(guarded);
  const isCut = ended.some(({ status }) => status === 'rejected');
  const isInterrupted = isCut && request.signal.aborted;
  if (isCut || result.failed.length > 0) step.fail(summary(result, progress));
  else step.succeed(summary(result, progress));
  if (isCut && !isInterrupted) {
    const reason: unknown = stopping.signal.reason;
    throw reason instanceof RunStopper ? reason.reason : reason;
  }
  return { ...result, isInterrupted };
}

function summary(result: Omit<BatchResult, 'isInterrupted'>, progress: BatchProgress): string {
  const { made, skipped, failed } = result;
  const audio = `${formatDuration(progress.audioS * 1000)} of audio in ${formatDuration(progress.elapsedMs)}`;
  const parts = [made === 0 ? 'Nothing transcribed' : `${count(made)} transcribed, ${audio}, ${progress.speed()}`];
  if (skipped.length > 0) parts.push(`${skipped.length} done before`);
  if (failed.length > 0) parts.push(`${failed.length} failed`);
  return parts.join(' · ');
}

function count(recordings: number): string {
  return recordings === 1 ? '1 recording' : `${recordings.toLocaleString('en-US')} recordings`;
}
