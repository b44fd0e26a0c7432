import { defaultMinBadRequests } from './defaults.js';
import { errorBudget, tidy } from './error-budget.js';
import type { Slo } from './types.js';

export type Severity = 'page' | 'ticket';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The windows of the table below were chosen for an SLO of about this length. */
const monthMs = 28 * day;
/** A rule that is met only when (nearly) every request fails still fires then: its error ratio is not set higher. */
const mostErrorRatio = 0.9;

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

/** Multiwindow, multi-burn-rate alerts of The Site Reliability Workbook, chapter 5, table 5-8, for 28 days and more. */
export const burnWindows: readonly BurnWindows[] = [
  { severity: 'page', longMs: hour, shortMs: 5 * minute, budgetShare: 0.02 },
  { severity: 'page', longMs: 6 * hour, shortMs: 30 * minute, budgetShare: 0.05 },
  { severity: 'ticket', longMs: day, shortMs: 2 * hour, budgetShare: 0.1 },
  { severity: 'ticket', longMs: 3 * day, shortMs: 6 * hour, budgetShare: 0.1 },
];

/** The shares for a week, by sloth's 7-day example: 2 % of a week's budget in an hour is nothing to wake somebody for. */
const weekShares: readonly number[] = [0.08, 0.125, 0.2, 0.42];

/** One condition of an alert: it fires while both windows burn the budget at more than `factor` times the even pace. */
export interface BurnRule extends BurnWindows {
  /** Multiples of the pace that uses up the budget exactly at the end of the SLO's window. */
  readonly factor: number;
  /** The same as a ratio of bad to all requests: factor * (1 - target). */
  readonly errorRatio: number;
  /** The long window has to hold at least so many bad requests. */
  readonly minBadRequests: number;
  /** The factor of the table, where it could never be reached with this target and was lowered; else undefined. */
  readonly loweredFrom: number | undefined;
}

/**
 * The burn rules of an SLO: factor = budget share * SLO window / long window (14.4, 6, 3 and 1 for 30 days).
 *
 * Below 28 days the shares rise as the window gets shorter, so that the factors stay, up to the shares of a week. A factor
 * is never below 1, a pace at which the SLO is met; and never so high that not even a complete outage reaches it (the
 * highest burn rate there is, is 1 / (1 - target)). A long window that is not shorter than the SLO's own is left out.
 */
export function burnRules(slo: Pick<Slo, 'target' | 'windowMs' | 'minBadRequests'>): readonly BurnRule[] {
  const budget = errorBudget(slo);
  return burnWindows.flatMap((windows, index) => {
    if (windows.longMs >= slo.windowMs) return [];
    const perShare = slo.windowMs / windows.longMs;
    const share = shareOf(windows.budgetShare, weekShares[index] ?? windows.budgetShare, slo.windowMs);
    const wanted = Math.max(1, tidy(share * perShare));
    const highest = tidy(mostErrorRatio / budget);
    const factor = Math.max(1, Math.min(wanted, highest));
    return [
      {
        ...windows,
        budgetShare: tidy(factor / perShare),
        factor,
        errorRatio: tidy(factor * budget),
        minBadRequests: slo.minBadRequests ?? defaultMinBadRequests,
        loweredFrom: factor < wanted ? wanted : undefined,
      },
    ];
  });
}

function shareOf(share: number, weekShare: number, windowMs: number): number {
  return windowMs >= monthMs ? share : Math.min(weekShare, (share * monthMs) / windowMs);
}
