import { burnRules } from '../burn-rate.js';
import { errorBudget } from '../error-budget.js';
import { sloRequests } from '../metrics.js';
import type { Slo } from '../types.js';
import { bad, badRatio, counted, goodRatio, type LabelMatcher, selector } from './promql.js';
import { recorded } from './rules-file.js';
import { budgetRemaining, errorRatioSeries, periodErrorRatio, periodMeasured } from './series.js';
import { windowName } from './windows.js';

/** What a dashboard shows of an SLO, as queries of one data source. Ratios are 0 to 1, burn rates multiples. */
export interface SloQueries<Query> {
  /** Good of all requests within the SLO's window. */
  readonly attained: Query;
  /** 1 is the whole error budget, 0 none, less than 0 an SLO that is missed. */
  readonly budgetRemaining: Query;
  readonly burnRates: readonly { readonly windowMs: number; readonly factor: number; readonly query: Query }[];
  /** Per second. */
  readonly requests: Query;
  readonly bad: Query;
}

export interface PrometheusSloQueries extends SloQueries<string> {
  /** How far back `attained` reaches, in seconds. */
  readonly measuredSeconds: string;
}

export interface PrometheusPick {
  /** Label `service` of what the rules record. */
  readonly project: string;
  /** What picks the servers among the counters, such as the job; `slo` is added. */
  readonly matchers: readonly LabelMatcher[];
  /** What picks both among the counters and among what is recorded. */
  readonly common?: readonly LabelMatcher[];
}

/**
 * What `mlops slo rules` records, and else the same from the counters themselves, so that a dashboard works without the rules.
 * Prometheus evaluates both sides of an `or`: give a matcher that matches no counter once there are recordings.
 */
export function prometheusQueries(slo: Slo, { project, matchers, common = [] }: PrometheusPick): PrometheusSloQueries {
  const own = [...common, ...matchers, { label: 'slo', value: slo.name }];
  const always = own.filter(({ operator }) => operator !== '!~');
  const window = windowName(slo.windowMs);
  const budget = errorBudget(slo);
  const either = (expression: string, otherwise: string) => `(${expression}) or on() (${otherwise})`;
  const series = (name: string) => recorded(name, slo, { project }, common);
  return {
    attained: either(`1 - ${series(periodErrorRatio)}`, goodRatio(own, window)),
    budgetRemaining: either(series(budgetRemaining), `1 - ${badRatio(own, window)} / ${budget}`),
    burnRates: burnWindowsOf(slo).map(({ windowMs, factor }) => ({
      windowMs,
      factor,
      query: either(
        `${series(errorRatioSeries(windowMs))} / ${budget}`,
        `${badRatio(own, windowName(windowMs))} / ${budget}`,
      ),
    })),
    requests: `${counted(sloRequests, always, '5m')} / 300`,
    bad: `(${bad(always, '5m')}) / 300`,
    measuredSeconds: either(
      series(periodMeasured),
      `time() - min(min_over_time(timestamp(${sloRequests}${selector(own)})[${window}:1h]))`,
    ),
  };
}

/** Metric math over the Sums of the two counters, which the panel names `requests` and `good`. */
export interface MathQuery {
  readonly expression: string;
  /** Of both counters. */
  readonly periodS: number;
}

/**
 * Metric math for the same. A ratio over a window is that of the sums over all that a panel looks back on, so the panel has to
 * look back exactly that far: periods of a month would begin where CloudWatch has them begin.
 */
export function cloudWatchQueries(slo: Slo): SloQueries<MathQuery> {
  const budget = errorBudget(slo);
  const badShare = '(SUM(requests)-SUM(good))/SUM(requests)';
  const overWindow = (expression: string, windowMs: number): MathQuery => ({
    expression: `TIME_SERIES(${expression})`,
    periodS: finestPeriodS(windowMs),
  });
  return {
    attained: overWindow('SUM(good)/SUM(requests)', slo.windowMs),
    budgetRemaining: overWindow(`1-${badShare}/${budget}`, slo.windowMs),
    burnRates: burnWindowsOf(slo).map(({ windowMs, factor }) => ({
      windowMs,
      factor,
      query: overWindow(`${badShare}/${budget}`, windowMs),
    })),
    requests: { expression: 'requests/PERIOD(requests)', periodS: 300 },
    bad: { expression: '(requests-FILL(good,0))/PERIOD(requests)', periodS: 300 },
  };
}

/** The burn rate of each period by itself. */
export function burnRateByPeriod(slo: Slo, periodS: number): MathQuery {
  const expression = `IF(FILL(requests,0)>0,(requests-FILL(good,0))/requests/${errorBudget(slo)},0)`;
  return { expression, periodS };
}

/** CloudWatch keeps minutes for 15 days, 5 minutes for 63 and hours for 455 (CloudWatch User Guide, "Metrics retention"). */
function finestPeriodS(windowMs: number): number {
  const days = windowMs / 86_400_000;
  return days < 1 ? 60 : days <= 15 ? 300 : 3_600;
}

/** The long windows: the short ones only say whether it still goes on. */
function burnWindowsOf(slo: Slo): { windowMs: number; factor: number }[] {
  return burnRules(slo).map(({ longMs, factor }) => ({ windowMs: longMs, factor }));
}
