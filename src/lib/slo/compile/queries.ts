import { burnRules } from '../burn-rate.js';
import { errorBudget } from '../error-budget.js';
import { sloGood, sloRequests } from '../metrics.js';
import type { Slo } from '../types.js';
import { burnExpression, type CloudWatchSource, counterQueries, type MetricQuery } from './cloudwatch.js';
import { badRatio, counted, goodRatio, type LabelMatcher } from './promql.js';
import { windowName } from './windows.js';

/** What a dashboard shows of an SLO, as queries of one data source. Ratios are 0 to 1, burn rates multiples. */
export interface SloQueries<Query> {
  /** Good of all requests within the SLO's window. */
  readonly attained: Query;
  /** 1 is the whole error budget, 0 none, less than 0 an SLO that is missed. */
  readonly budgetRemaining: Query;
  readonly burnRates: readonly { readonly window: string; readonly factor: number; readonly query: Query }[];
  /** Per second. */
  readonly requests: Query;
  readonly bad: Query;
}

/**
 * PromQL on the counters themselves, so that a dashboard needs no rules to be loaded.
 * @param matchers what picks the servers, such as the job; `slo` is added
 */
export function prometheusQueries(slo: Slo, matchers: readonly LabelMatcher[]): SloQueries<string> {
  const own = [...matchers, { label: 'slo', value: slo.name }];
  const window = windowName(slo.windowMs);
  const budget = errorBudget(slo);
  const perSecond = (counter: string) => `${counted(counter, own, '5m')} / 300`;
  return {
    attained: goodRatio(own, window),
    budgetRemaining: `1 - ${badRatio(own, window)} / ${budget}`,
    burnRates: burnWindowsOf(slo).map(({ windowMs, factor }) => ({
      window: windowName(windowMs),
      factor,
      query: `${badRatio(own, windowName(windowMs))} / ${budget}`,
    })),
    requests: perSecond(sloRequests),
    bad: `(${counted(sloRequests, own, '5m')} - ${counted(sloGood, own, '5m')}) / 300`,
  };
}

/**
 * Metric math for the same. Exactly one query of each list returns data; CloudWatch takes sums over any period, so one
 * period is the window.
 */
export function cloudWatchQueries(slo: Slo, source: CloudWatchSource): SloQueries<readonly MetricQuery[]> {
  const math = (label: string, expression: string, windowMs: number): MetricQuery[] => [
    { Id: 'result', Label: label, ReturnData: true, Expression: expression },
    ...counterQueries(slo, source, windowMs / 1000),
  ];
  const perSecondMs = 300_000;
  return {
    attained: math('attained', 'IF(FILL(requests,0)>0,FILL(good,0)/requests,1)', slo.windowMs),
    budgetRemaining: math('budget left', `1-${burnExpression(slo)}`, slo.windowMs),
    burnRates: burnWindowsOf(slo).map(({ windowMs, factor }) => ({
      window: windowName(windowMs),
      factor,
      query: math(`burn rate ${windowName(windowMs)}`, burnExpression(slo), windowMs),
    })),
    requests: math('requests', 'requests/PERIOD(requests)', perSecondMs),
    bad: math('bad', '(requests-FILL(good,0))/PERIOD(requests)', perSecondMs),
  };
}

/** The long windows: the short ones only say whether it still goes on. */
function burnWindowsOf(slo: Slo): { windowMs: number; factor: number }[] {
  return burnRules(slo).map(({ longMs, factor }) => ({ windowMs: longMs, factor }));
}
