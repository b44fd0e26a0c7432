import { MlopsError, OperationError } from '../../base/errors/mlops-error.js';
import type { Reporter } from '../../base/progress/reporter.js';
import { formatDuration } from '../../base/units.js';
import { RunStopper } from '../../recordings/output/failure.js';
import type { ResultStore } from '../../recordings/output/store.js';
import { type ProcessDeps, processOne } from '../../recordings/process-one.js';
import type { ObjectSource } from '../../recordings/sources/source.js';
import type { PipelineSettings } from '../settings.js';
import { dayOf, giveUp, isLasting } from './give-up.js';

/** What became of a recording. `done`: an earlier event had it done; `ignored`: it is none, or gone. */
export interface Outcome {
  readonly source: string;
  readonly status: 'stored' | 'done' | 'failed' | 'ignored';
  /** Where the result or the reason is; for `ignored` why. */
  readonly result: string;
  /** Of the recording that was stored, in seconds. */
  readonly audioS: number;
  /** It was written down by this run that the recording is given up. */
  readonly isNewFailure: boolean;
}

export interface RecordingRequest {
  readonly settings: PipelineSettings;
  readonly store: ResultStore;
  readonly requestId: string;
  /** When work has to end, in milliseconds since 1970. */
  readonly endMs: number;
  /** Aborted then, and when the process stops. */
  readonly signal: AbortSignal;
  /** Aborted when the process stops. */
  readonly stop: AbortSignal;
  /** Another run would have no more time for it: this one had all of its own, and it is not the first. */
  readonly isLastChance: boolean;
}

export interface RecordingDeps extends ProcessDeps {
  readonly reporter: Reporter;
}

/** A part of a recording says how long all of it takes; the first seconds are the model's own. */
const judgeAfterMs = 20_000;

/** Throws what another attempt may get over, OperationError `OUT_OF_TIME` among it, and RunStopper. */
export async function transcribeRecording(
  source: ObjectSource,
  request: RecordingRequest,
  deps: RecordingDeps,
): Promise<Outcome> {
  const outcome = { source: source.label, audioS: 0, isNewFailure: false };
  const because = whyIgnored(source, request.settings);
  if (because !== undefined) {
    deps.reporter.note(`Ignored: ${source.label}: ${because}`);
    return { ...outcome, status: 'ignored', result: because };
  }
  try {
    const startedAt = deps.now();
    const done = await inTime(source, request, deps);
    if (done.status === 'done') {
      deps.reporter.note(`${source.label}: done before`);
      return { ...outcome, status: 'done', result: done.result };
    }
    const { duration_s } = done.record;
    const took = formatDuration(deps.now() - startedAt);
    deps.reporter.note(`${source.label}: ${formatDuration(duration_s * 1000)} of audio in ${took}`);
    return { ...outcome, status: 'stored', result: done.result ?? '', audioS: duration_s };
  } catch (error) {
    if (error instanceof MlopsError && error.code === 'SOURCE_GONE') {
      deps.reporter.warn(`${error.message}: nothing to do for it`);
      return { ...outcome, status: 'ignored', result: 'it is gone' };
    }
    if (!isLasting(error)) throw error;
    const s3 = await deps.s3();
    const given = await giveUp(source, error, { ...request, now: deps.now, s3 });
    if (given === undefined) return { ...outcome, status: 'ignored', result: 'it is gone' };
    deps.reporter.warn(`${source.label} is given up: ${error.message}. ${error.why ?? ''} See ${given.location}`);
    return { ...outcome, status: 'failed', result: given.location, isNewFailure: given.isNew };
  }
}

/** Only what lies among the recordings, and nothing that the functions write themselves. */
function whyIgnored({ bucket, key }: ObjectSource, settings: PipelineSettings): string | undefined {
  const { recordings, results, failed, manifests, loaded } = settings;
  const own = [results, failed, manifests, loaded].find(
    (prefix) => bucket === settings.bucket && key.startsWith(prefix),
  );
  if (own !== undefined) return `what is below ${own} is written by the functions`;
  if (!key.startsWith(recordings)) return `it is not below ${recordings}`;
  return key.endsWith('/') ? 'a folder marker' : undefined;
}

async function inTime(source: ObjectSource, request: RecordingRequest, deps: RecordingDeps) {
  const { settings, store, endMs, isLastChance } = request;
  const { format } = settings;
  const hopeless = new AbortController();
  const signal = AbortSignal.any([request.signal, hopeless.signal]);
  const startedAt = deps.now();
  let neededMs: number | undefined;
  try {
    return await processOne(
      {
        ...{ source, channels: 'mix', force: false, signal },
        target: {
          ...{ store, format, path: ({ id, uploadedAt }) => `${dayOf(uploadedAt)}/${id}.${format}` },
          // What is loaded from it is the text that was heard.
          csvReader: 'program',
        },
        onProgress: (doneS, totalS) => {
          const elapsedMs = deps.now() - startedAt;
          if (totalS === undefined || doneS <= 0 || elapsedMs < judgeAfterMs) return;
          neededMs = (elapsedMs * totalS) / doneS;
          // With room for an estimate that is wrong: what is given back is begun again from nothing.
          if (startedAt + neededMs > endMs + 0.5 * (endMs - startedAt)) hopeless.abort();
        },
      },
      deps,
    );
  } catch (error) {
    if (!signal.aborted || error instanceof RunStopper) throw error;
    const had = formatDuration(endMs - startedAt);
    const needed = neededMs === undefined ? '' : ` It would take about ${formatDuration(neededMs)}.`;
    if (!isLastChance || request.stop.aborted) throw outOfTime(source, `${had} were left of the run.${needed}`, error);
    throw new OperationError(`${source.label} is too long for the function`, {
      code: 'RECORDING_TOO_LONG',
      why: `A run has ${had} for a recording.${needed}`,
      actions: [
        `mlops transcribe ${source.label} --output s3://${settings.bucket}/${settings.results}`,
        'Or give the function more time and memory, and send the event again',
      ],
      cause: error,
    });
  }
}

function outOfTime({ label }: ObjectSource, why: string, cause: unknown): OperationError {
  return new OperationError(`There was not enough time for ${label}`, { code: 'OUT_OF_TIME', why, cause });
}
