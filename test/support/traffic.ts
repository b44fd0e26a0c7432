import type { SloCounts } from '../../src/lib/slo/judge.js';
import type { InputSeries } from './promtool.js';

/** Requests of one minute each, from the first minute on. */
export type Traffic = readonly SloCounts[];

/** `minutes` of the same. */
export function minutes(count: number, perMinute: number, bad = 0): Traffic {
  return Array.from({ length: count }, () => ({ counted: perMinute, good: perMinute - bad }));
}

/** The traffic of the `window` minutes that end with minute `end`, as one: what CloudWatch's Sum over that period is. */
export function within(traffic: Traffic, end: number, window: number): SloCounts {
  const part = traffic.slice(Math.max(0, end - window), end);
  return {
    counted: part.reduce((sum, { counted }) => sum + counted, 0),
    good: part.reduce((sum, { good }) => sum + good, 0),
  };
}

/**
 * The same as the two counters that a server exposes, once a minute from 0 on. @param restarts minutes after which the server
 * starts again, and counts from 0
 */
export function counterSeries(
  traffic: Traffic,
  labels: { readonly job: string; readonly slo: string },
  restarts: readonly number[] = [],
): InputSeries[] {
  const series = (name: string, key: keyof SloCounts) => ({
    series: `${name}{job="${labels.job}",slo="${labels.slo}",instance="a"}`,
    values: cumulative(
      traffic.map((minute) => minute[key]),
      restarts,
    ).join(' '),
  });
  return [series('mlops_slo_requests_total', 'counted'), series('mlops_slo_good_total', 'good')];
}

function cumulative(increases: readonly number[], restarts: readonly number[]): number[] {
  let total = 0;
  const values = [0];
  for (const [minute, increase] of increases.entries()) {
    if (restarts.includes(minute)) total = 0;
    total += increase;
    values.push(total);
  }
  return values;
}
