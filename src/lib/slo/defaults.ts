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

type DefaultSlos = readonly (Slo & { readonly minBadRequests: number })[];

/** An edge of the server's histogram, as every threshold of the SLOs that it runs with. */
export const defaultSpeechThresholdMs = 30_000;

/** What a project without `slos` in mlops.yaml is held to when its model predicts. */
export const defaultSlos: DefaultSlos = slosWithin(100);

/**
 * The same for a model that transcribes: a request takes a share of its recording's duration (`speechShare`). 30 s are ten
 * minutes of audio for an idle server; that every hundredth request takes longer means that they are longer, or that they wait.
 */
export const defaultSpeechSlos: DefaultSlos = slosWithin(defaultSpeechThresholdMs);

/** About 3 s of one core for each minute of audio (docs/speech-models.md has what was measured). */
export const speechShare = 0.05;

function slosWithin(thresholdMs: number): DefaultSlos {
  return [
    { name: 'availability', sli: 'availability', target: 0.999, ...ofAll },
    { name: 'latency', sli: 'latency', thresholdMs, target: 0.99, ...ofAll },
  ];
}
