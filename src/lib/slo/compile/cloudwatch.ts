import { type BurnRule, burnRules, type Severity } from '../burn-rate.js';
import { errorBudget } from '../error-budget.js';
import { formatRatio } from '../format.js';
import { sloGood, sloRequests } from '../metrics.js';
import type { Slo } from '../types.js';
import { noServerForMs, uncountedForMs } from './servers.js';
import { windowName } from './windows.js';

// The counters reach CloudWatch through the agent's Prometheus scrape, which sends the increase since the scrape before
// as the value (AWS: CloudWatch User Guide, "Prometheus metric type conversion by the CloudWatch agent"). So a Sum over a
// period is the number of requests in it, resets included, and no RATE or DIFF is needed.

/** Where the counters are in CloudWatch. */
export interface CloudWatchSource {
  readonly namespace: string;
  /** Without `slo`, which is added. */
  readonly dimensions: Readonly<Record<string, string>>;
}

/** A metric as ListMetrics looks for it. */
export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface CloudWatchOptions extends CloudWatchSource {
  readonly project: string;
}

/** The part of PutMetricAlarm's input that is decided here; under the API's names, so that it goes in as it is. */
export interface MetricAlarm {
  AlarmName: string;
  AlarmDescription: string;
  Metrics: MetricQuery[];
  ComparisonOperator: 'GreaterThanThreshold' | 'LessThanThreshold';
  Threshold: number;
  EvaluationPeriods: number;
  DatapointsToAlarm: number;
  TreatMissingData: 'notBreaching' | 'breaching';
}

export interface MetricQuery {
  Id: string;
  Label?: string;
  ReturnData: boolean;
  Expression?: string;
  MetricStat?: {
    Metric: { Namespace: string; MetricName: string; Dimensions: { Name: string; Value: string }[] };
    Period: number;
    Stat: string;
  };
}

/** The part of PutCompositeAlarm's input that is decided here. */
export interface CompositeAlarm {
  AlarmName: string;
  AlarmDescription: string;
  AlarmRule: string;
}

export interface SloAlarms {
  /** They notify only through a composite. Make them before the composites. */
  readonly alarms: readonly MetricAlarm[];
  readonly composites: readonly { readonly severity: Severity; readonly input: CompositeAlarm }[];
}

const noDataPeriodS = 60;
/** An alarm takes this many metrics (CloudWatch User Guide, alarms on metric math). */
const mostMetrics = 10;

/**
 * The alarms of an SLO: one for each window of each burn rule (an alarm has one period), one for counters that do not arrive,
 * because then no burn alarm can fire, and a composite for each severity. Its composites name `noServerAlarm` as well.
 *
 * Each window is one Period with one evaluation period, sliding: the sums of exactly that window, as in Prometheus. The
 * documentation allows any multiple of 60 s with Period * EvaluationPeriods <= 604,800 s (PutMetricAlarm), and an alarm
 * period of a week (alarm evaluation windows), so the 259,200 s of the longest window need no approximation; three periods
 * of a day would be one: they fire only if each day burns.
 */
export function cloudWatchAlarms(slo: Slo, options: CloudWatchOptions): SloAlarms {
  const prefix = `${options.project}-slo-${slo.name}`;
  const rules = burnRules(slo);
  const severities = [...new Set(rules.map(({ severity }) => severity))];
  return {
    alarms: [
      ...rules.flatMap((rule) =>
        [rule.longMs, rule.shortMs].map((windowMs) => burnAlarm(slo, rule, windowMs, prefix, options)),
      ),
      uncountedAlarm(slo, prefix, options),
    ],
    composites: severities.map((severity) => ({
      severity,
      input: composite(slo, severity, { prefix, rules, project: options.project, last: severities.at(-1) }),
    })),
  };
}

/**
 * The burn rate over one period as metric math over `requests` and `good`, and 0 while fewer than `minBad` requests are bad: an
 * idle window burns nothing, and has no denominator.
 */
function burnExpression(slo: Pick<Slo, 'target'>, minBad: number): string {
  const bad = 'FILL(requests,0)-FILL(good,0)';
  return `IF(${bad}>=${minBad},(${bad})/requests/${errorBudget(slo)},0)`;
}

/** The counter by which CloudWatch is asked whether anybody sends those of an SLO. */
export function counterIdentity(slo: Pick<Slo, 'name'>, { namespace, dimensions }: CloudWatchSource): MetricIdentity {
  return { namespace, name: sloRequests, dimensions: { ...dimensions, slo: slo.name } };
}

/** The two counters of an SLO as inputs of metric math, named `requests` and `good`. */
function counterQueries(slo: Pick<Slo, 'name'>, source: CloudWatchSource, periodS: number): MetricQuery[] {
  const identity = counterIdentity(slo, source);
  const dimensions = Object.entries(identity.dimensions).map(([Name, Value]) => ({ Name, Value }));
  const query = (Id: string, MetricName: string): MetricQuery => ({
    Id,
    ReturnData: false,
    MetricStat: {
      Metric: {
        Namespace: source.namespace,
        MetricName,
        Dimensions: dimensions.map((dimension) => ({ ...dimension })),
      },
      Period: periodS,
      Stat: 'Sum',
    },
  });
  return [query('requests', sloRequests), query('good', sloGood)];
}

function burnAlarm(slo: Slo, rule: BurnRule, windowMs: number, prefix: string, source: CloudWatchSource): MetricAlarm {
  const window = windowName(windowMs);
  // The long window says that it matters, so it is the one that needs more than a few; the short one only that it goes on.
  const minBad = windowMs === rule.longMs ? rule.minBadRequests : 1;
  const atLeast = minBad > 1 ? `, with at least ${minBad} bad requests` : '';
  return {
    AlarmName: burnAlarmName(prefix, rule, windowMs),
    AlarmDescription: `SLO ${slo.name}: the error budget burns at more than ${rule.factor} times the even pace over ${window}${atLeast}. Joined by ${prefix}-${rule.severity}.`,
    Metrics: [
      { Id: 'burn', Label: `burn rate ${window}`, ReturnData: true, Expression: burnExpression(slo, minBad) },
      ...counterQueries(slo, source, windowMs / 1000),
    ],
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: rule.factor,
    EvaluationPeriods: 1,
    DatapointsToAlarm: 1,
    TreatMissingData: 'notBreaching',
  };
}

/**
 * Of the project, not of an SLO: a service that is down is one page, however many SLOs it has.
 * @param slos those that are watched, one at least; the first ten are enough, for a scrape brings all
 */
export function noServerAlarm(slos: readonly Pick<Slo, 'name'>[], options: CloudWatchOptions): MetricAlarm {
  const minutes = noServerForMs / 60_000;
  return noDataAlarm(slos.slice(0, mostMetrics), options, {
    name: noServerName(options.project),
    description: `${sloRequests} of ${options.project} has not arrived for ${minutes} minutes: no server answers, or the CloudWatch agent does not run.`,
    forMs: noServerForMs,
  });
}

/** Servers that count, but not this SLO: they run with another mlops.yaml. It takes longer than that there is none. */
function uncountedAlarm(slo: Slo, prefix: string, source: CloudWatchSource): MetricAlarm {
  const minutes = uncountedForMs / 60_000;
  return noDataAlarm([slo], source, {
    name: noDataName(prefix),
    description: `SLO ${slo.name}: ${sloRequests} has not arrived for ${minutes} minutes. Joined by a composite.`,
    forMs: uncountedForMs,
  });
}

/**
 * The agent sends a 0 for a counter that stood still, so only a scrape that does not happen leaves a gap. It scrapes once a
 * minute, and each server starts with one scrape that sends nothing; a rolling update leaves others running meanwhile.
 *
 * FILL, because TreatMissingData alone comes late: an alarm looks back over more periods than it needs, and goes by what is
 * missing only when none of these has data ("How alarm state is evaluated when data is missing"). `breaching` is for a metric
 * that has nothing to fill. It has to be ALARM and not INSUFFICIENT_DATA, which ALARM() of a composite does not match.
 */
function noDataAlarm(
  slos: readonly Pick<Slo, 'name'>[],
  source: CloudWatchSource,
  { name, description, forMs }: { readonly name: string; readonly description: string; readonly forMs: number },
): MetricAlarm {
  const scrapes = slos.flatMap((slo, index) =>
    counterQueries(slo, source, noDataPeriodS)
      .slice(0, 1)
      .flatMap(({ MetricStat: stat }) =>
        stat === undefined
          ? []
          : [{ Id: `scrapes${index}`, ReturnData: false, MetricStat: { ...stat, Stat: 'SampleCount' } }],
      ),
  );
  const periods = forMs / 1_000 / noDataPeriodS;
  const Expression = scrapes.map(({ Id }) => `FILL(${Id},0)`).join('+');
  return {
    AlarmName: name,
    AlarmDescription: description,
    Metrics: [{ Id: 'arrived', Label: 'samples of the servers', ReturnData: true, Expression }, ...scrapes],
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    EvaluationPeriods: periods,
    DatapointsToAlarm: periods,
    TreatMissingData: 'breaching',
  };
}

interface CompositeContext {
  readonly prefix: string;
  readonly rules: readonly BurnRule[];
  readonly project: string;
  /** The mildest severity of the SLO. */
  readonly last: Severity | undefined;
}

function composite(slo: Slo, severity: Severity, { prefix, rules, project, last }: CompositeContext): CompositeAlarm {
  const own = rules.filter((rule) => rule.severity === severity);
  const both = (rule: BurnRule) =>
    `(ALARM("${burnAlarmName(prefix, rule, rule.longMs)}") AND ALARM("${burnAlarmName(prefix, rule, rule.shortMs)}"))`;
  const pairs = own.map(({ longMs, shortMs }) => `${windowName(longMs)} and ${windowName(shortMs)}`);
  const isLast = severity === last;
  const uncounted = `(ALARM("${noDataName(prefix)}") AND NOT ALARM("${noServerName(project)}"))`;
  return {
    AlarmName: `${prefix}-${severity}`,
    AlarmDescription: `SLO ${slo.name} (${formatRatio(slo.target)}): the error budget burns too fast, over ${pairs.join(', or over ')}${isLast ? '; or servers do not count it' : ''}.`,
    AlarmRule: [...own.map(both), ...(isLast ? [uncounted] : [])].join(' OR '),
  };
}

function noServerName(project: string): string {
  return `${project}-slo-no-data`;
}

function noDataName(prefix: string): string {
  return `${prefix}-no-data`;
}

/** Within one severity a window belongs to one rule. */
function burnAlarmName(prefix: string, { severity }: BurnRule, windowMs: number): string {
  return `${prefix}-burn-${windowName(windowMs)}-${severity}`;
}
