import { OperationError, UsageError } from '../base/errors/mlops-error.js';
import type { ChannelMode, SpeechEngine } from '../speech/types.js';
import type { TranscriptRecord } from '../transcript/record.js';
import type { CsvReader } from './formats/csv.js';
import { type FileFormat, renderFile } from './formats/format.js';
import { makeRecord } from './make-record.js';
import { type OpenDeps, openRecording } from './open/open-recording.js';
import type { OpenedRecording } from './open/opened.js';
import { stopping } from './output/failure.js';
import { findPlace, stampOf, storeAt } from './output/place.js';
import type { ResultStore } from './output/store.js';
import type { RecordingSource } from './sources/source.js';

/** Where the result of one recording goes. */
export interface ResultTarget {
  readonly store: ResultStore;
  readonly format: FileFormat;
  /** A spreadsheet unless given. */
  readonly csvReader?: CsvReader;
  /** With slashes and the format's ending. */
  readonly path: string | ((recording: { readonly id: string; readonly uploadedAt: Date }) => string);
}

export interface ProcessRequest {
  readonly source: RecordingSource;
  readonly channels: ChannelMode;
  /** Without one the record is only handed back, and nothing tells the next run that it was made. */
  readonly target: ResultTarget | undefined;
  /** Make it again, over whatever is there. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  /** Seconds done, and of how many as far as is known. */
  readonly onProgress?: (doneS: number, totalS: number | undefined) => void;
  /** Holds back what is expensive (fetching, recognising) until its turn. */
  readonly inTurn?: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface ProcessDeps extends OpenDeps {
  readonly modelDigest: string;
  /** Opened at the first recording that needs it. */
  readonly engine: () => Promise<SpeechEngine>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** `done`: the same recording was transcribed with the same model before; `result` is where. */
export type Processed =
  | { readonly status: 'done'; readonly id: string; readonly result: string }
  | { readonly status: 'made'; readonly record: TranscriptRecord; readonly result: string | undefined };

/**
 * One recording from its source to its stored result. Throws what is wrong with this recording, RunStopper for what would
 * stop any other too, and the signal's reason.
 */
export async function processOne(request: ProcessRequest, deps: ProcessDeps): Promise<Processed> {
  const { source, signal } = request;
  const recording = await openRecording(source, deps, signal);
  const { target, force, inTurn = (work) => work() } = request;
  try {
    const stamp = stampOf(recording.id, source, deps.modelDigest, request.channels);
    const place = target && (await findPlace(target.store, pathOf(target, recording), stamp, force));
    if (place?.isDone) return { status: 'done', id: recording.id, result: place.location };
    const record = await inTurn(() => transcribe(request, recording, deps));
    if (target === undefined || place === undefined) return { status: 'made', record, result: undefined };
    const body = await renderFile(record, target.format, target.csvReader);
    const isStored = await storeAt(target.store, place, { body, format: target.format, stamp });
    if (!isStored) return { status: 'done', id: recording.id, result: place.location };
    return { status: 'made', record, result: place.location };
  } finally {
    await recording.dispose();
  }
}

async function transcribe(
  { source, channels, signal, onProgress }: ProcessRequest,
  recording: OpenedRecording,
  deps: ProcessDeps,
): Promise<TranscriptRecord> {
  const path = await recording.file();
  const engine = await stopping(deps.engine);
  const options = { channels, signal, ...(onProgress === undefined ? {} : { onProgress }) };
  const transcription = await engine.transcribe(path, options).catch((error: unknown) => {
    throw calledBy(source.label, path, error);
  });
  await recording.verify();
  const { id, uploadedAt } = recording;
  return makeRecord(transcription, { id, source: source.label, uploadedAt, processedAt: new Date(deps.now()) });
}

function pathOf({ path }: ResultTarget, recording: OpenedRecording): string {
  return typeof path === 'string' ? path : path(recording);
}

/** The engine knows a file, which may be a temporary one: people know the source. */
function calledBy(label: string, path: string, error: unknown): unknown {
  if (!(error instanceof UsageError || error instanceof OperationError)) return error;
  const { code, why, actions } = error;
  const details = { code, actions, cause: error, ...(why === undefined ? {} : { why: why.replaceAll(path, label) }) };
  const message = error.message.replaceAll(path, label);
  return error instanceof UsageError ? new UsageError(message, details) : new OperationError(message, details);
}
