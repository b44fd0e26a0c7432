import { InterruptedError } from '../base/errors/mlops-error.js';
import { inStep } from '../base/progress/reporter.js';
import { formatCount, formatSize } from '../base/units.js';
import type { WarehouseDeps } from './settings.js';
import { type FixedSources, fixSources, type Skipped } from './sources/fix-sources.js';
import type { SourceList } from './sources/list.js';
import type { CopyResult, CopyStep, LoadStatus, Warehouse } from './types.js';

export interface CopyRequest {
  readonly sources: readonly string[];
  readonly cwd: string;
  readonly signal: AbortSignal;
}

export interface CopySummary {
  readonly status: LoadStatus;
  /** One for each format that was found: each is a transaction of its own. */
  readonly loads: readonly CopyResult[];
  readonly skipped: readonly Skipped[];
}

/** What would be loaded: nothing is opened but the files themselves. */
export async function listSources({ sources, cwd, signal }: CopyRequest, deps: WarehouseDeps): Promise<FixedSources> {
  return await inStep(
    deps.reporter,
    'Looking at the sources',
    (step) => fixSources(sources, { cwd, s3: deps.s3, signal, onFound: (count) => step.update(formatCount(count)) }),
    ({ lists, skipped }) => lists.map(describeList).concat(skippedText(skipped)).join('; ') || 'Nothing to load',
  );
}

/** Fixes the sources, and loads them: a repeat, also after a crash at any point, ends with the same table. */
export async function copySources(
  request: CopyRequest,
  warehouse: Warehouse,
  deps: WarehouseDeps,
): Promise<CopySummary> {
  const { lists, skipped } = await listSources(request, deps);
  const loads: CopyResult[] = [];
  for (const list of lists) {
    const load = await inStep(
      deps.reporter,
      `Loading ${describeList(list)}`,
      (step) => warehouse.copy(list, { signal: request.signal, onStep: (at) => step.update(stepText[at]) }),
      // What came of it is the result, which follows.
      ({ status }) => `${status === 'loaded' ? 'Loaded' : 'Loaded before:'} ${describeList(list)}`,
    );
    loads.push(load);
    if (request.signal.aborted)
      throw new InterruptedError('Interrupted', { why: 'What was loaded before is in the table.' });
  }
  return { status: overall(loads), loads, skipped };
}

const stepText: Readonly<Record<CopyStep, string>> = {
  begun: 'reading',
  staged: 'looking for duplicates',
  deduplicated: 'merging',
  merged: 'writing the ledger',
  recorded: 'checking the counts',
  checked: 'committing',
  committed: '',
};

function overall(loads: readonly CopyResult[]): LoadStatus {
  if (loads.some(({ status }) => status === 'loaded')) return 'loaded';
  return loads.some(({ status }) => status === 'already-loaded') ? 'already-loaded' : 'nothing-to-load';
}

function describeList({ objects, bytes, format }: SourceList): string {
  return `${formatCount(objects.length)} ${objects.length === 1 ? 'file' : 'files'} of ${format}, ${formatSize(bytes)}`;
}

function skippedText(skipped: readonly Skipped[]): string[] {
  return skipped.length === 0 ? [] : [`${formatCount(skipped.length)} skipped`];
}

/** A load in one line. */
export function describeLoad({ status, table, counts, loadedAt }: CopyResult): string {
  if (status === 'nothing-to-load') return `Nothing to load into ${table}`;
  if (status === 'already-loaded') return `These very files were loaded into ${table} at ${loadedAt}: nothing to do`;
  const { staged, duplicates, stale, inserted, updated } = counts;
  const parts = { inserted, updated, stale, duplicates };
  const text = Object.entries(parts).map(([name, count]) => `${formatCount(count)} ${name}`);
  return `${formatCount(staged)} ${staged === 1 ? 'row' : 'rows'} into ${table}: ${text.join(', ')}`;
}
