import type { Slo } from './types.js';

export type Severity = 'page' | 'ticket';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * A pair of windows over which the burn rate of an error budget is watched. Both have to burn: the long one says that it
 * matters, the short one that it still goes on.
 */
export interface BurnWindows {
  readonly severity: Severity;
  readonly longMs: number;
  readonly shortMs: number;
  /** The share of the whole error budget that is gone when the long window has burnt at `factor`. */
  readonly budgetShare: number;
}

/** Multiwindow, multi-burn-rate alerts of The Site Reliability Workbook, chapter 5, table 5-8. */
export const burnWindows: readonly BurnWindows[] = [
  { severity: 'page', longMs: hour, shortMs: 5 * minute, budgetShare: 0.02 },
  { severity: 'page', longMs: 6 * hour, shortMs: 30 * minute, budgetShare: 0.05 },
  { severity: 'ticket', longMs: day, shortMs: 2 * hour, budgetShare: 0.1 },
  { severity: 'ticket', longMs: 3 * day, shortMs: 6 * hour, budgetShare: 0.1 },
];

/** One condition of an alert: it fires while both windows burn the budget at more than `factor` times the even pace. */
export interface BurnRule extends BurnWindows {
  /** Multiples of the pace that uses up the budget exactly at the end of the SLO's window. */
  readonly factor: number;
  /** The same as a ratio of bad to all requests: factor * (1 - target). */
  readonly errorRatio: number;
}

/** The burn rules of an SLO: factor = budget share * SLO window / long window (14.4, 6, 3 and 1 for 30 days). */
export function burnRules(slo: Pick<Slo, 'target' | 'windowMs'>): readonly BurnRule[] {
  return burnWindows.map((windows) => {
    const factor = (windows.budgetShare * slo.windowMs) / windows.longMs;
    return { ...windows, factor, errorRatio: factor * (1 - slo.target) };
  });
}
