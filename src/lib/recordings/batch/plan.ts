import { formatSize } from '../../base/units.js';
import type { ChannelMode } from '../../speech/types.js';
import type { FileFormat } from '../formats/format.js';
import { type OpenDeps, openRecording } from '../open/open-recording.js';
import { type Failure, failureOf, inWords, RunStopper } from '../output/failure.js';
import { findPlace, stampOf } from '../output/place.js';
import type { ResultStore } from '../output/store.js';
import type { Item, Skipped } from '../sources/source.js';

export interface Planned {
  readonly source: string;
  readonly bytes: number;
  /** Null for stdout. */
  readonly result: string | null;
}

export interface Plan {
  readonly planned: readonly Planned[];
  readonly skipped: readonly Skipped[];
  readonly failed: readonly Failure[];
}

export interface PlanRequest {
  readonly items: readonly Item[];
  readonly output: { readonly store: Pick<ResultStore, 'find' | 'locate'>; readonly format: FileFormat } | undefined;
  readonly modelDigest: string;
  readonly channels: ChannelMode;
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/** A line for each recording, and what fails or is left out. */
export function planText({ planned, skipped, failed }: Plan): string {
  return [
    ...planned.map(({ source, bytes, result }) => `${source} (${formatSize(bytes)}) -> ${result ?? 'stdout'}`),
    ...skipped.map(({ source, reason }) => `${source}: skipped, ${reason}`),
    ...failed.map((failure) => inWords(failure)),
    `${planned.length} to transcribe, ${skipped.length} skipped, ${failed.length} cannot be`,
  ].join('\n');
}

/** What a run would do. Reads every recording whose result may be there, and writes nothing. */
export async function planBatch(
  { items, output, modelDigest, channels, force, signal }: PlanRequest,
  deps: OpenDeps & { readonly now: () => number },
): Promise<Plan> {
  const plan = { planned: [] as Planned[], skipped: [] as Skipped[], failed: [] as Failure[] };
  for (const { source, name } of items) {
    const { label, bytes } = source;
    if (output === undefined) {
      plan.planned.push({ source: label, bytes, result: null });
      continue;
    }
    try {
      const { id } = await openRecording(source, deps, signal);
      const stamp = stampOf(id, source, modelDigest, channels);
      const { isDone, location } = await findPlace(output.store, `${name}.${output.format}`, stamp, force);
      if (isDone) plan.skipped.push({ source: label, reason: `done: ${location}` });
      else plan.planned.push({ source: label, bytes, result: location });
    } catch (error) {
      if (error instanceof RunStopper) throw error.reason;
      signal.throwIfAborted();
      plan.failed.push(failureOf(error, label, new Date(deps.now())));
    }
  }
  return plan;
}
