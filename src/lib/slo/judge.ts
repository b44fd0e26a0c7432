import { errorBudget, tidy } from './error-budget.js';
import type { Slo } from './types.js';

/** For 95 % confidence on two sides: the 0.975 quantile of the standard normal distribution. */
const z = 1.959963984540054;

/** What was counted for an SLO: requests that count, and those of them that were good. */
export interface SloCounts {
  readonly counted: number;
  readonly good: number;
}

export interface Judgement extends SloCounts {
  /** good / counted; null when nothing counted. */
  readonly ratio: number | null;
  /** Where the ratio of all requests of this kind lies, with 95 % confidence; null when nothing counted. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Multiples of the pace that uses up the error budget exactly at the end of the window. */
  readonly burnRate: number | null;
  /** ratio >= target: what was asked of, and burns the budget no faster than evenly. */
  readonly met: boolean;
  /** The whole interval lies at or above the target. */
  readonly shown: boolean;
  /** How many requests with this ratio would show the target; null when no number would. */
  readonly requestsToShow: number | null;
}

/** Holds counts against a target. They are met or not as they are; the interval says what that is worth. */
export function judge(slo: Pick<Slo, 'target'>, { counted, good }: SloCounts): Judgement {
  if (counted === 0) {
    const nothing = { ratio: null, interval: null, burnRate: null, met: false, shown: false };
    return { counted, good, ...nothing, requestsToShow: requestsToShow(1, slo.target) };
  }
  const ratio = good / counted;
  const interval = wilson(good, counted);
  return {
    counted,
    good,
    ratio,
    interval,
    burnRate: tidy((counted - good) / counted / errorBudget(slo)),
    met: ratio >= slo.target,
    shown: interval.low >= slo.target,
    requestsToShow: requestsToShow(ratio, slo.target),
  };
}

/**
 * Wilson's score interval for a proportion, which holds for shares near 0 and 1 and is never empty (E. B. Wilson 1927;
 * recommended by Brown, Cai and DasGupta, "Interval Estimation for a Binomial Proportion", Statistical Science 16, 2001). It
 * takes requests for independent; those of one load test are less than that, so the truth is somewhat wider.
 */
export function wilson(successes: number, trials: number): { low: number; high: number } {
  const share = successes / trials;
  const scale = 1 + z ** 2 / trials;
  const centre = (share + z ** 2 / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === trials ? 1 : Math.min(1, centre + half),
  };
}

/** The lower end of Wilson's interval solved for n: n >= z^2 * target * (1 - target) / (ratio - target)^2. */
function requestsToShow(ratio: number, target: number): number | null {
  if (ratio <= target) return null;
  return Math.ceil(tidy((z ** 2 * target * (1 - target)) / (ratio - target) ** 2));
}
