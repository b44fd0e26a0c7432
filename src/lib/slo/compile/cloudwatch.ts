import { type BurnRule, burnRules, type Severity } from '../burn-rate.js';
import { errorBudget } from '../error-budget.js';
import { formatRatio } from '../format.js';
import { sloGood, sloRequests } from '../metrics.js';
import type { Slo } from '../types.js';
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
  /** Those with a `severity` notify by themselves, the others only through a composite. Make them before the composites. */
  readonly alarms: readonly { readonly severity: Severity | undefined; readonly input: MetricAlarm }[];
  readonly composites: readonly { readonly severity: Severity; readonly input: CompositeAlarm }[];
}

const noDataPeriodS = 300;
const noDataPeriods = 3;

/**
 * The alarms of an SLO: one for each window of each burn rule (an alarm has one period), a composite for each severity, and
 * one for counters that do not arrive at all, because then no burn alarm can fire.
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
        [rule.longMs, rule.shortMs].map((windowMs) => ({
          severity: undefined,
          input: burnAlarm(slo, rule, windowMs, prefix, options),
        })),
      ),
      { severity: 'ticket', input: noDataAlarm(slo, prefix, options) },
    ],
    composites: severities.map((severity) => ({
      severity,
      input: composite(slo, severity, prefix, rules),
    })),
  };
}

/**
 * The burn rate over one period as metric math over `requests` and `good`. An idle window burns nothing: it has no
 * denominator.
 */
export function burnExpression(slo: Pick<Slo, 'target'>): string {
  return `IF(FILL(requests,0)>0,(requests-FILL(good,0))/requests/${errorBudget(slo)},0)`;
}

/** The two counters of an SLO as inputs of metric math, named `requests` and `good`. */
export function counterQueries(slo: Pick<Slo, 'name'>, source: CloudWatchSource, periodS: number): MetricQuery[] {
  const dimensions = Object.entries({ ...source.dimensions, slo: slo.name }).map(([Name, Value]) => ({ Name, Value }));
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
  return {
    AlarmName: burnAlarmName(prefix, rule, windowMs),
    AlarmDescription: `SLO ${slo.name}: the error budget burns at more than ${rule.factor} times the even pace over ${window}. Joined by ${prefix}-${rule.severity}.`,
    Metrics: [
      { Id: 'burn', Label: `burn rate ${window}`, ReturnData: true, Expression: burnExpression(slo) },
      ...counterQueries(slo, source, windowMs / 1000),
    ],
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: rule.factor,
    EvaluationPeriods: 1,
    DatapointsToAlarm: 1,
    TreatMissingData: 'notBreaching',
  };
}

/** The agent sends a 0 for a counter that stood still, so only a scrape that does not happen leaves a gap. */
function noDataAlarm(slo: Slo, prefix: string, source: CloudWatchSource): MetricAlarm {
  const [requests] = counterQueries(slo, source, noDataPeriodS);
  const stat = requests?.MetricStat;
  if (stat === undefined) throw new RangeError('an SLO has two counters');
  const minutes = (noDataPeriodS * noDataPeriods) / 60;
  return {
    AlarmName: `${prefix}-no-data`,
    AlarmDescription: `SLO ${slo.name}: ${sloRequests} has not arrived for ${minutes} minutes, so no burn rate can be seen.`,
    Metrics: [{ Id: 'scrapes', ReturnData: true, MetricStat: { ...stat, Stat: 'SampleCount' } }],
    ComparisonOperator: 'LessThanThreshold',
    Threshold: 1,
    EvaluationPeriods: noDataPeriods,
    DatapointsToAlarm: noDataPeriods,
    TreatMissingData: 'breaching',
  };
}

function composite(slo: Slo, severity: Severity, prefix: string, rules: readonly BurnRule[]): CompositeAlarm {
  const own = rules.filter((rule) => rule.severity === severity);
  const both = (rule: BurnRule) =>
    `(ALARM("${burnAlarmName(prefix, rule, rule.longMs)}") AND ALARM("${burnAlarmName(prefix, rule, rule.shortMs)}"))`;
  const pairs = own.map(({ longMs, shortMs }) => `${windowName(longMs)} and ${windowName(shortMs)}`);
  return {
    AlarmName: `${prefix}-${severity}`,
    AlarmDescription: `SLO ${slo.name} (${formatRatio(slo.target)}): the error budget burns too fast, over ${pairs.join(', or over ')}.`,
    AlarmRule: own.map(both).join(' OR '),
  };
}

/** Within one severity a window belongs to one rule. */
function burnAlarmName(prefix: string, { severity }: BurnRule, windowMs: number): string {
  return `${prefix}-burn-${windowName(windowMs)}-${severity}`;
}
