import type { Slo } from './types.js';

const thirtyDaysMs = 30 * 86_400_000;

/**
 * How many requests have to be bad within the long window of a burn rule before it alerts. By ratio alone a single bad request in
 * an idle hour is a burn rate of 100 and more ("Low-Traffic Services and Error Budget Alerting", The Site Reliability
 * Workbook, chapter 5). Bad requests and not all requests are counted, so that a small service that is down still alerts.
 *
 * Five: a service exactly at its budget, whose bad requests are independent, has 5 / 14.4 of them in an hour in which the fifth
 * would page. That five come is 3 in 100,000 then (Poisson), one false page in about four years.
 */
export const defaultMinBadRequests = 5;

const ofAll = { windowMs: thirtyDaysMs, minBadRequests: defaultMinBadRequests };

/** What a project without `slos` in mlops.yaml is held to. */
export const defaultSlos: readonly (Slo & { readonly minBadRequests: number })[] = [
  { name: 'availability', sli: 'availability', target: 0.999, ...ofAll },
  { name: 'latency', sli: 'latency', thresholdMs: 100, target: 0.99, ...ofAll },
];
