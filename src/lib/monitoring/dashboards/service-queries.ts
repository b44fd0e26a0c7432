import { serving } from '../metric-names.js';
import { promql, type Target } from './targets.js';

/** The servers that the variables choose. */
export const selected = 'job=~"$job", namespace=~"$namespace"';
/** Without what load balancers and Prometheus ask all the time. */
export const clients = `${selected}, route!~"/healthz|/readyz|/metrics"`;
export const window = '[$__rate_interval]';

/** The share of server faults in what clients asked; an idle service has none, not NaN. */
export const errorRatio = `sum(rate(${serving.requests}{${clients}, code=~"5.."}${window})) / (sum(rate(${serving.requests}{${clients}}${window})) > 0)`;

export function quantile(q: number, histogram: string): string {
  return `histogram_quantile(${q}, sum by (le) (rate(${histogram}_bucket{${selected}}${window})))`;
}

export function mean(histogram: string): string {
  return `sum(rate(${histogram}_sum{${selected}}${window})) / (sum(rate(${histogram}_count{${selected}}${window})) > 0)`;
}

export function percentiles(histogram: string): Target[] {
  return [
    promql(quantile(0.5, histogram), 'p50'),
    promql(quantile(0.95, histogram), 'p95'),
    promql(quantile(0.99, histogram), 'p99'),
  ];
}
