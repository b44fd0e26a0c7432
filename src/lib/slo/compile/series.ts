import { windowName } from './windows.js';

// What the rules record, by name. All of it has the labels `service` and `slo`.

/** Requests that count within a window. */
export function requestsSeries(windowMs: number): string {
  return `slo:requests:increase${windowName(windowMs)}`;
}

/** Those of them that were bad. */
export function badSeries(windowMs: number): string {
  return `slo:bad_requests:increase${windowName(windowMs)}`;
}

/** Bad of all requests within a window. */
export function errorRatioSeries(windowMs: number): string {
  return `slo:sli_error:ratio_rate${windowName(windowMs)}`;
}

/** The error ratio over the SLO's whole window, weighted by requests: an average of ratios would weigh idle times alike. */
export const periodErrorRatio = 'slo:sli_error:ratio_period';
/** What is left of the error budget: 1 is all of it, 0 none, less than 0 an SLO that is missed. */
export const budgetRemaining = 'slo:error_budget:remaining_ratio';
/** How far back `periodErrorRatio` reaches: less than the window while the rules are new, or when Prometheus keeps less. */
export const periodMeasured = 'slo:sli_error:period_measured_seconds';
