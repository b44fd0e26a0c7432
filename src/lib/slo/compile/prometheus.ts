import { type BurnRule, burnRules, type Severity } from '../burn-rate.js';
import { errorBudget } from '../error-budget.js';
import { formatRatio } from '../format.js';
import { sloGood, sloRequests } from '../metrics.js';
import type { Slo } from '../types.js';
import { atLeast, counted, scrapeMatchers } from './promql.js';
import {
  type AlertingRule,
  identity,
  type PrometheusOptions,
  type RecordingRule,
  type RuleGroup,
  type RulesFile,
  recorded,
  recorderLabels,
  scaled,
  scaledMs,
} from './rules-file.js';
import {
  badSeries,
  budgetRemaining,
  errorRatioSeries,
  periodErrorRatio,
  periodMeasured,
  requestsSeries,
} from './series.js';
import { noServer, type ServersAlert, someServers, uncounted } from './servers.js';

export const burnAlert = 'MlopsErrorBudgetBurn';
export const noServerAlert = 'MlopsNoServerAnswers';
export const someServersAlert = 'MlopsServersDown';
export const uncountedAlert = 'MlopsSloNotCounted';

const second = 1_000;
const intervalMs = 30 * second;
/** The shortest window of a ticket is two hours, and reading three days costs something every time. */
const ticketIntervalMs = 120 * second;
const periodIntervalMs = 300 * second;
/** How finely it is seen how far back the recordings reach. */
const measuredStepMs = 3_600 * second;

/**
 * Recording rules and alerts of all SLOs: for each window the requests and the bad ones, for each severity one alert that fires
 * while both windows of a rule burn (The Site Reliability Workbook, chapter 5); and alerts for servers that are down or do
 * not count.
 */
export function prometheusRules(slos: readonly Slo[], options: PrometheusOptions): RulesFile {
  return {
    groups: [serversGroup(options), ...slos.flatMap((slo) => [...burnGroups(slo, options), periodGroup(slo, options)])],
  };
}

/**
 * A group for each severity. Recordings and alerts stand in one group, because a group is evaluated in order: an alert never sees
 * the ratio of last time.
 */
function burnGroups(slo: Slo, options: PrometheusOptions): RuleGroup[] {
  const rules = burnRules(slo);
  const windowsOf = (severity: Severity) =>
    new Set(rules.filter((rule) => rule.severity === severity).flatMap(({ shortMs, longMs }) => [shortMs, longMs]));
  const page = windowsOf('page');
  const ticket = new Set([...windowsOf('ticket')].filter((windowMs) => !page.has(windowMs)));
  const recordings = (windows: ReadonlySet<number>) =>
    [...windows].sort((a, b) => a - b).flatMap((windowMs) => recordingsOf(slo, windowMs, options));
  const name = groupName(slo, options);
  const uncountedRule = serversRule(uncountedAlert, uncounted(slo, options), identity(slo, options), options);
  const pages: RuleGroup = {
    name,
    interval: scaled(intervalMs, options),
    rules: [...recordings(page), alert(slo, 'page', rules, options), uncountedRule],
  };
  if (ticket.size === 0) return [pages];
  const tickets: RuleGroup = {
    name: `${name}:ticket`,
    interval: scaled(ticketIntervalMs, options),
    rules: [...recordings(ticket), alert(slo, 'ticket', rules, options)],
  };
  return [pages, tickets];
}

/** Counted once each. `increase` goes on over the restart of a server; an idle window has counts of 0 and no ratio. */
function recordingsOf(slo: Slo, windowMs: number, options: PrometheusOptions): RecordingRule[] {
  const labels = identity(slo, options);
  const ms = scaledMs(windowMs, options);
  const series = (name: string) => recorded(name, slo, options);
  const increase = (counter: string) => counted(counter, counters(slo, options), scaled(windowMs, options));
  return [
    { record: requestsSeries(ms), expr: increase(sloRequests), labels },
    { record: badSeries(ms), expr: `${series(requestsSeries(ms))} - on() ${increase(sloGood)}`, labels },
    {
      record: errorRatioSeries(ms),
      expr: `${series(badSeries(ms))} / (${series(requestsSeries(ms))} > 0)`,
      labels,
    },
  ];
}

/**
 * The books of the whole window, from the counts of the shortest one instead of the counters of all servers: a sum over what was
 * recorded every 30 seconds over 5 minutes has each request in it ten times, above and below, and the ratio is that of the
 * requests. Only those of the newest 5 minutes, and of the 5 before the window, are in it fewer times.
 */
function periodGroup(slo: Slo, options: PrometheusOptions): RuleGroup {
  const labels = identity(slo, options);
  const sliceMs = scaledMs(Math.min(...burnRules(slo).map(({ shortMs }) => shortMs)), options);
  const series = (name: string) => recorded(name, slo, options);
  const window = scaled(slo.windowMs, options);
  const total = (name: string) => `sum_over_time(${series(name)}[${window}])`;
  return {
    name: `${groupName(slo, options)}:period`,
    interval: scaled(periodIntervalMs, options),
    rules: [
      {
        record: periodErrorRatio,
        expr: `${total(badSeries(sliceMs))} / (${total(requestsSeries(sliceMs))} > 0)`,
        labels,
      },
      { record: budgetRemaining, expr: `1 - ${series(periodErrorRatio)} / ${errorBudget(slo)}`, labels },
      {
        record: periodMeasured,
        expr: `time() - min_over_time(timestamp(${series(requestsSeries(sliceMs))})[${window}:${scaled(measuredStepMs, options)}])`,
        labels,
      },
    ],
  };
}

function alert(slo: Slo, severity: Severity, rules: readonly BurnRule[], options: PrometheusOptions): AlertingRule {
  const { project } = options;
  const burning = ({ longMs, shortMs, errorRatio, minBadRequests }: BurnRule) => {
    const [long, short] = [scaledMs(longMs, options), scaledMs(shortMs, options)];
    const above = (windowMs: number) => `${recorded(errorRatioSeries(windowMs), slo, options)} > ${errorRatio}`;
    const enough = `${recorded(badSeries(long), slo, options)} > ${atLeast(minBadRequests)}`;
    return `(${above(long)} and ${above(short)} and ${enough})`;
  };
  return {
    alert: burnAlert,
    expr: rules
      .filter((rule) => rule.severity === severity)
      .map(burning)
      .join('\nor\n'),
    labels: { ...identity(slo, options), severity },
    annotations: {
      summary: `${project}: the error budget of ${slo.name} burns too fast`,
      description: `{{ $value | humanizePercentage }} of the requests were not good, the SLO allows ${formatRatio(errorBudget(slo))}.`,
    },
  };
}

function serversGroup(options: PrometheusOptions): RuleGroup {
  const labels = recorderLabels(options);
  return {
    name: `mlops-${options.project}:servers`,
    interval: scaled(intervalMs, options),
    rules: [
      serversRule(noServerAlert, noServer(options), labels, options),
      serversRule(someServersAlert, someServers(options, '{{ $value }}'), labels, options),
    ],
  };
}

function serversRule(
  alert: string,
  { expression, forMs, severity, summary, description }: ServersAlert,
  labels: AlertingRule['labels'],
  options: PrometheusOptions,
): AlertingRule {
  return {
    alert,
    expr: expression,
    for: scaled(forMs, options),
    labels: { ...labels, severity },
    annotations: { summary, description },
  };
}

function groupName(slo: Slo, { project }: PrometheusOptions): string {
  // Names hold no colon, so what follows one is never the name of another SLO.
  return `mlops-slo-${project}-${slo.name}`;
}

function counters(slo: Slo, options: PrometheusOptions) {
  return [...scrapeMatchers(options), { label: 'slo', value: slo.name }];
}
