import { sloRequests } from '../metrics.js';
import type { Slo } from '../types.js';
import { type Scrape, scrapeMatchers, selector } from './promql.js';

// A service that answers nothing counts nothing, so no burn rate shows that it is down.

/**
 * 1 while nothing is heard of any server, else no sample: every scrape fails, or there is none (no such target, another job). The
 * first half is for counters that outlive a failed scrape, as those that come by remote write do.
 */
export function noServerExpression(scrape: Scrape): string {
  const own = selector(scrapeMatchers(scrape));
  return `(sum(up${own}) == 0) + 1 or absent(sum(${sloRequests}${own}))`;
}

/** How many servers cannot be scraped while others can, else no sample. */
export function someServersExpression(scrape: Scrape): string {
  const own = selector(scrapeMatchers(scrape));
  return `count(up${own} == 0) and on() (sum(up${own}) > 0)`;
}

/** 1 while servers count, but not for this SLO, as those that run with an older mlops.yaml; else no sample. */
export function uncountedExpression(slo: Pick<Slo, 'name'>, scrape: Scrape): string {
  const own = scrapeMatchers(scrape);
  const counted = `${sloRequests}${selector([...own, { label: 'slo', value: slo.name }])}`;
  return `absent(${counted}) unless on() absent(sum(${sloRequests}${selector(own)}))`;
}

const minute = 60_000;

/**
 * Long enough for the restart of a single server and a model that is fetched meanwhile, at any usual scrape interval; a rolling
 * update always leaves a server that answers. An outage of five minutes is an eighth of a month's budget at 99.9 %.
 */
export const noServerForMs = 5 * minute;
/** A rolling update ends and replaces one server after the other. */
export const someServersForMs = 15 * minute;
export const uncountedForMs = 10 * minute;
