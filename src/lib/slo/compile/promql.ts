import { sloGood, sloRequests } from '../metrics.js';

export interface LabelMatcher {
  readonly label: string;
  /** `=~` and `!~` for variables of Grafana. */
  readonly operator?: '=' | '=~' | '!~';
  readonly value: string;
}

/** What tells the servers of a project from all else that Prometheus scrapes. */
export interface Scrape {
  readonly job: string;
  /** Of Kubernetes, in the label `namespace`: one Prometheus may scrape the same project in several. */
  readonly namespace?: string | undefined;
}

export function scrapeMatchers({ job, namespace }: Scrape): LabelMatcher[] {
  const own = { label: 'job', value: job };
  return namespace === undefined ? [own] : [own, { label: 'namespace', value: namespace }];
}

/** The same in words. */
export function scrapeName({ job, namespace }: Scrape): string {
  return namespace === undefined ? `job ${job}` : `job ${job} in the namespace ${namespace}`;
}

/** `{job="mlops",slo="latency"}`, escaped as PromQL strings are. */
export function selector(matchers: readonly LabelMatcher[]): string {
  const parts = matchers.map(({ label, operator = '=', value }) => `${label}${operator}${JSON.stringify(value)}`);
  return `{${parts.join(',')}}`;
}

/**
 * Good of all requests within `window` before the point in time, of all servers together. `increase` counts over a restart of
 * a server. `> 0`: an idle window has no ratio, and is left out instead of becoming NaN, which would spread to every
 * average over it.
 */
export function goodRatio(matchers: readonly LabelMatcher[], window: string): string {
  return `${counted(sloGood, matchers, window)} / (${counted(sloRequests, matchers, window)} > 0)`;
}

/**
 * Bad of all requests within `window`. Not 1 - good / all, which in binary is more than 0.01 when exactly 1 of 100 is bad: a
 * service that just keeps its SLO would set an alert off.
 */
export function badRatio(matchers: readonly LabelMatcher[], window: string): string {
  return `(${bad(matchers, window)}) / (${counted(sloRequests, matchers, window)} > 0)`;
}

/** Bad requests within `window`. */
export function bad(matchers: readonly LabelMatcher[], window: string): string {
  return `${counted(sloRequests, matchers, window)} - ${counted(sloGood, matchers, window)}`;
}

export function counted(counter: string, matchers: readonly LabelMatcher[], window: string): string {
  return `sum(increase(${counter}${selector(matchers)}[${window}]))`;
}

/**
 * What a count of `increase` has to be above so that it stands for at least so many requests: it is no whole number, because
 * Prometheus extrapolates from the first and last sample to the ends of the window.
 */
export function atLeast(requests: number): number {
  return requests - 0.5;
}
