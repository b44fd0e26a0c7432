import { OperationError } from '../../base/errors/mlops-error.js';
import { formatCount } from '../../base/units.js';
import type { Reachable } from '../target.js';
import { askPredictions } from './ask.js';
import type { GoldenSet, Label } from './rows.js';

/** Rows in one request: far below the default limits of body and queue, and many enough to be quick. */
const batchRows = 64;
const shownMismatches = 3;

export interface GoldenResult {
  readonly source: string;
  readonly rows: number;
  readonly equal: number;
  /** The first rows that differ, numbered from 1. */
  readonly mismatches: readonly Mismatch[];
}

interface Mismatch {
  readonly row: number;
  readonly expected: Label;
  readonly got: unknown;
}

/**
 * Asks the deployed model about every row and compares labels (probabilities are not in its answers).
 * Throws OperationError `GOLDEN_UNANSWERED` when it does not answer with predictions; what differs is in the result.
 * `onProgress` hears the number of rows asked.
 */
export async function checkGolden(
  set: GoldenSet,
  reachable: Reachable,
  options: { readonly stop: AbortSignal; readonly onProgress?: (asked: number) => void; readonly retryMs?: number },
): Promise<GoldenResult> {
  const mismatches: Mismatch[] = [];
  let equal = 0;
  for (let start = 0; start < set.rows.length; start += batchRows) {
    const rows = set.rows.slice(start, start + batchRows);
    const got = await askPredictions(reachable, rows, { ...options, isFirst: start === 0 });
    for (const [index, label] of got.entries()) {
      const expected = set.labels[start + index] as Label;
      if (label === expected) equal += 1;
      else if (mismatches.length < shownMismatches) mismatches.push({ row: start + index + 1, expected, got: label });
    }
    options.onProgress?.(start + rows.length);
  }
  return { source: set.source, rows: set.rows.length, equal, mismatches };
}

/** Throws OperationError `GOLDEN_MISMATCH` that names the first rows, when not every prediction is equal. */
export function requireEqual(result: GoldenResult): void {
  const { rows, equal, mismatches } = result;
  if (equal === rows) return;
  const shown = mismatches.map(({ row, expected, got }) => `row ${row}: local ${expected}, deployed ${show(got)}`);
  throw new OperationError('The deployed model does not predict what the local one does', {
    code: 'GOLDEN_MISMATCH',
    why: [`${goldenText(result)}. ${shown.join('; ')}${rows - equal > shown.length ? '; ...' : ''}`].join('\n'),
    actions: ['mlops build', 'mlops model inspect'],
  });
}

export function goldenText({ equal, rows, source }: GoldenResult): string {
  return `${formatCount(equal)} of ${formatCount(rows)} golden predictions are equal (${source})`;
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 40);
}
