import type { Severity } from '../burn-rate.js';
import { sloRequests } from '../metrics.js';
import type { Slo } from '../types.js';
import { type Scrape, scrapeMatchers, scrapeName, selector } from './promql.js';

// A service that answers nothing counts nothing, so no burn rate shows that it is down.

const minute = 60_000;

/**
 * Long enough for the restart of a single server and a model that is fetched meanwhile, at any usual scrape interval; a rolling
 * update always leaves a server that answers. An outage of five minutes is an eighth of a month's budget at 99.9 %.
 */
export const noServerForMs = 5 * minute;
/** A rolling update ends and replaces one server after the other. */
const someServersForMs = 15 * minute;
export const uncountedForMs = 10 * minute;

/** An alert on servers, before a monitoring system gives it its form. */
export interface ServersAlert {
  /** A sample above 0 while there is something to say, else none. */
  readonly expression: string;
  /** How long it has to be so, in milliseconds. */
  readonly forMs: number;
  readonly severity: Severity;
  readonly summary: string;
  readonly description: string;
}

/** The servers of a project. */
export interface Servers extends Scrape {
  readonly project: string;
}

/** Of the project, not of an SLO: a service that is down is one page, however many SLOs it has. */
export function noServer(servers: Servers): ServersAlert {
  return {
    expression: noServerExpression(servers),
    forMs: noServerForMs,
    severity: 'page',
    summary: `${servers.project}: no server answers`,
    description: `Nothing is heard of any server of ${scrapeName(servers)}: all are down, or Prometheus does not scrape them.`,
  };
}

/** @param value how the template of a description writes the value of the expression */
export function someServers(servers: Servers, value: string): ServersAlert {
  return {
    expression: someServersExpression(servers),
    forMs: someServersForMs,
    severity: 'ticket',
    summary: `${servers.project}: servers are down`,
    description: `${value} of the servers of ${scrapeName(servers)} cannot be scraped; the others answer.`,
  };
}

export function uncounted(slo: Pick<Slo, 'name'>, servers: Servers): ServersAlert {
  return {
    expression: uncountedExpression(slo, servers),
    forMs: uncountedForMs,
    severity: 'ticket',
    summary: `${servers.project}: the SLO ${slo.name} has no numbers`,
    description: `The servers of ${scrapeName(servers)} do not report ${sloRequests} for it: they run with another mlops.yaml.`,
  };
}

/**
 * 1 while nothing is heard of any server, else no sample: every scrape fails, or there is none (no such target, another job). The
 * first half is for counters that outlive a failed scrape, as those that come by remote write do.
 */
function noServerExpression(scrape: Scrape): string {
  const own = selector(scrapeMatchers(scrape));
  return `(sum(up${own}) == 0) + 1 or absent(sum(${sloRequests}${own}))`;
}

/** How many servers cannot be scraped while others can, else no sample. */
function someServersExpression(scrape: Scrape): string {
  const own = selector(scrapeMatchers(scrape));
  return `count(up${own} == 0) and on() (sum(up${own}) > 0)`;
}

/** 1 while servers count, but not for this SLO, as those that run with an older mlops.yaml; else no sample. */
function uncountedExpression(slo: Pick<Slo, 'name'>, scrape: Scrape): string {
  const own = scrapeMatchers(scrape);
  const counted = `${sloRequests}${selector([...own, { label: 'slo', value: slo.name }])}`;
  return `absent(${counted}) unless on() absent(sum(${sloRequests}${selector(own)}))`;
}
