import { resolve } from 'node:path';
import { InterruptedError, UsageError } from '../base/errors/mlops-error.js';
import { isS3Url } from '../platform/aws/s3-url.js';
import { defaultThreads } from '../speech/default-threads.js';
import type { ChannelMode } from '../speech/types.js';
import type { TranscriptRecord } from '../transcript/record.js';
import { runBatch } from './batch/batch.js';
import { type Plan, planBatch } from './batch/plan.js';
import type { RecordingsDeps } from './deps.js';
import { fileFormat, type PrintFormat } from './formats/format.js';
import { createPrinter } from './formats/printer.js';
import type { Failure } from './output/failure.js';
import { lookIntoStore, openStore } from './output/open-store.js';
import { withModel } from './session.js';
import { type Expanded, expandSources } from './sources/expand.js';
import type { Skipped } from './sources/source.js';

export interface TranscribeRequest {
  /** As the user named them: files, folders, globs, `s3://..`. */
  readonly sources: readonly string[];
  readonly format: PrintFormat;
  /** A folder or `s3://bucket/prefix`; stdout when not given. */
  readonly output: string | undefined;
  readonly channels: ChannelMode;
  /** By its name in the catalog. */
  readonly model: string;
  /** Recordings at once; by the processors when not given. */
  readonly concurrency: number | undefined;
  readonly force: boolean;
  readonly offline: boolean;
  /** An abort drops what is under work. */
  readonly signal: AbortSignal;
}

export interface TranscribeHooks {
  /** The result as text: records without an output, else where each was stored. */
  readonly write: (text: string) => Promise<void>;
  readonly table: (records: readonly TranscriptRecord[]) => Promise<string>;
  /** Whether the result has to hold all records. */
  readonly keepRecords: boolean;
}

export interface TranscribeResult {
  /** In the order of the sources; empty unless they are kept. */
  readonly records: readonly TranscriptRecord[];
  readonly skipped: readonly Skipped[];
  readonly failed: readonly Failure[];
}

export interface Transcribed {
  readonly result: TranscribeResult;
  /** The signal cut it short; what was done until then is in the result. */
  readonly isInterrupted: boolean;
}

/** Transcribes everything that the sources name. Throws InterruptedError when it was cut short before the first recording. */
export async function transcribe(
  request: TranscribeRequest,
  hooks: TranscribeHooks,
  deps: RecordingsDeps,
): Promise<Transcribed> {
  try {
    return await transcribeAll(request, hooks, deps);
  } catch (error) {
    throw request.signal.aborted ? new InterruptedError('Interrupted before anything was transcribed') : error;
  }
}

async function transcribeAll(
  request: TranscribeRequest,
  hooks: TranscribeHooks,
  deps: RecordingsDeps,
): Promise<Transcribed> {
  const { format, output, signal, channels, force } = request;
  const fileEnding = output === undefined ? undefined : fileFormat(format);
  const expanded = await expand(request, deps);
  const { items } = expanded;
  const concurrency = request.concurrency ?? defaultThreads(deps);
  const order = new Map(items.map(({ source }, index) => [source.label, index]));
  const inOrder = (list: readonly TranscriptRecord[]) =>
    list.toSorted((one, other) => (order.get(one.source) ?? 0) - (order.get(other.source) ?? 0));
  const table = (list: readonly TranscriptRecord[]) => hooks.table(inOrder(list));
  const printer = output === undefined ? createPrinter(format, { count: items.length, ...hooks, table }) : undefined;
  const records: TranscriptRecord[] = [];
  const onRecord = async (record: TranscriptRecord, stored: string | undefined) => {
    if (hooks.keepRecords) records.push(record);
    await (stored === undefined ? printer?.print(record) : hooks.write(`${stored}\n`));
  };
  // What is wrong with the output is said before a model is fetched.
  const store = output === undefined ? undefined : await openStore(output, deps);
  const target = store && fileEnding && { store, format: fileEnding };
  try {
    return await withModel({ ...request, concurrency }, deps, async (process) => {
      const batch = { items, channels, force, concurrency, signal, output: target, onRecord };
      const { isInterrupted, skipped, failed } = await runBatch(batch, { ...deps, ...process });
      await printer?.end();
      const result = { records: inOrder(records), skipped: [...expanded.skipped, ...skipped], failed };
      return { result, isInterrupted };
    });
  } finally {
    await store?.close();
  }
}

/** What `transcribe` would do. Fetches no model and writes nothing. */
export async function planTranscription(request: TranscribeRequest, deps: RecordingsDeps): Promise<Plan> {
  const { output, channels, force, signal } = request;
  const { items, skipped } = await expand(request, deps);
  const modelDigest = deps.modelDigest(request.model);
  const target =
    output === undefined ? undefined : { store: await lookIntoStore(output, deps), format: fileFormat(request.format) };
  try {
    const plan = await planBatch({ items, output: target, modelDigest, channels, force, signal }, deps);
    return { ...plan, skipped: [...skipped, ...plan.skipped] };
  } finally {
    await target?.store.close();
  }
}

async function expand({ sources, output, signal }: TranscribeRequest, deps: RecordingsDeps): Promise<Expanded> {
  if (sources.length === 0) {
    throw new UsageError('Nothing to transcribe is named', {
      code: 'SOURCE_REQUIRED',
      actions: ['Name a file, a folder, a glob in quotes, or s3://bucket/prefix: mlops transcribe recordings/'],
    });
  }
  const exceptFolder = output === undefined || isS3Url(output) ? undefined : resolve(deps.cwd, output);
  const expanded = await expandSources(sources, { ...deps, exceptFolder, signal });
  const { items, skipped } = expanded;
  if (items.length === 0) deps.reporter.warn(`No recording is in ${sources.join(', ')}`);
  if (skipped.length > 0) deps.reporter.note(skippedLine(skipped));
  return expanded;
}

/** A folder may hold thousands of other files: they are counted here, and listed under --json. */
function skippedLine(skipped: readonly Skipped[]): string {
  const byReason = [...Map.groupBy(skipped, ({ reason }) => reason)];
  const parts = byReason.map(([reason, those]) => {
    const [first] = those;
    return those.length === 1 ? `${first?.source} (${reason})` : `${those.length} ${reason} (${first?.source}, ..)`;
  });
  return `Skipped: ${parts.join(', ')}`;
}
