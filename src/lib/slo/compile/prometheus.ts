import { type BurnRule, burnRules, type Severity } from '../burn-rate.js';
import { errorBudget } from '../error-budget.js';
import { formatRatio } from '../format.js';
import { sloRequests } from '../metrics.js';
import type { Slo } from '../types.js';
import { badRatio, selector } from './promql.js';
import { windowName } from './windows.js';

export interface PrometheusOptions {
  /** The project; the label `service` of all that is recorded. */
  readonly project: string;
  /** The label `job` of the scrape. */
  readonly job: string;
  /** Multiplies every window; 1 but for a test that cannot wait for days. The factors do not change with it. */
  readonly windowScale?: number;
}

/** A rules file of Prometheus, as data: written as YAML it is what `rule_files` loads. */
export interface RulesFile {
  readonly groups: readonly RuleGroup[];
}

export interface RuleGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly (RecordingRule | AlertingRule)[];
}

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const burnAlert = 'MlopsErrorBudgetBurn';
export const absentAlert = 'MlopsSloMetricsAbsent';
/** The recorded error ratio over the SLO's whole window, from counts: an average of short windows would weigh idle ones alike. */
export const periodErrorRatio = 'slo:sli_error:ratio_period';
/** What is left of the error budget: 1 is all of it, 0 none, less than 0 an SLO that is missed. */
export const budgetRemaining = 'slo:error_budget:remaining_ratio';

const second = 1_000;
const intervalMs = 30 * second;
const periodIntervalMs = 300 * second;
const absentForMs = 600 * second;

/**
 * Recording rules and alerts of all SLOs: for each window the error ratio, for each severity one alert that fires while both
 * windows of a rule burn (The Site Reliability Workbook, chapter 5), and one for counters that are not there.
 */
export function prometheusRules(slos: readonly Slo[], options: PrometheusOptions): RulesFile {
  return { groups: slos.flatMap((slo) => [burnGroup(slo, options), periodGroup(slo, options)]) };
}

/** Name of the series that holds the error ratio over a window. */
export function errorRatioSeries(windowMs: number): string {
  return `slo:sli_error:ratio_rate${windowName(windowMs)}`;
}

/** Recording and alerts in one group, because a group is evaluated in order: an alert never sees the ratio of last time. */
function burnGroup(slo: Slo, options: PrometheusOptions): RuleGroup {
  const rules = burnRules(slo);
  const windows = [...new Set(rules.flatMap(({ shortMs, longMs }) => [shortMs, longMs]))].sort((a, b) => a - b);
  const severities = [...new Set(rules.map(({ severity }) => severity))];
  return {
    name: `mlops-slo-${options.project}-${slo.name}`,
    interval: scaled(intervalMs, options),
    rules: [
      ...windows.map((windowMs) => ({
        record: errorRatioSeries(scaledMs(windowMs, options)),
        expr: badRatio(counters(slo, options), scaled(windowMs, options)),
        labels: identity(slo, options),
      })),
      ...severities.map((severity) => alert(slo, severity, rules, options)),
      absent(slo, options),
    ],
  };
}

/** Apart and seldom, because it reads every sample of the SLO's window. */
function periodGroup(slo: Slo, options: PrometheusOptions): RuleGroup {
  const labels = identity(slo, options);
  return {
    name: `mlops-slo-${options.project}-${slo.name}-period`,
    interval: scaled(periodIntervalMs, options),
    rules: [
      {
        record: periodErrorRatio,
        expr: badRatio(counters(slo, options), scaled(slo.windowMs, options)),
        labels,
      },
      {
        record: budgetRemaining,
        expr: `1 - ${periodErrorRatio}${recorded(slo, options)} / ${errorBudget(slo)}`,
        labels,
      },
    ],
  };
}

function alert(slo: Slo, severity: Severity, rules: readonly BurnRule[], options: PrometheusOptions): AlertingRule {
  const own = rules.filter((rule) => rule.severity === severity);
  const burning = (windowMs: number, { errorRatio }: BurnRule) =>
    `${errorRatioSeries(scaledMs(windowMs, options))}${recorded(slo, options)} > ${errorRatio}`;
  return {
    alert: burnAlert,
    expr: own.map((rule) => `(${burning(rule.longMs, rule)} and ${burning(rule.shortMs, rule)})`).join('\nor\n'),
    labels: { ...identity(slo, options), severity },
    annotations: {
      summary: `${options.project}: the error budget of ${slo.name} burns too fast`,
      description: `{{ $value | humanizePercentage }} of the requests were not good, the SLO allows ${formatRatio(errorBudget(slo))}.`,
    },
  };
}

/** Without its counters no burn rate can be seen, so that silence would look like success. */
function absent(slo: Slo, options: PrometheusOptions): AlertingRule {
  return {
    alert: absentAlert,
    expr: `absent(${sloRequests}${selector(counters(slo, options))})`,
    for: scaled(absentForMs, options),
    labels: { ...identity(slo, options), severity: 'ticket' },
    annotations: {
      summary: `${options.project}: the SLO ${slo.name} has no numbers`,
      description: `No server of job ${options.job} is scraped that reports ${sloRequests} for it.`,
    },
  };
}

function counters(slo: Slo, { job }: PrometheusOptions) {
  return [
    { label: 'job', value: job },
    { label: 'slo', value: slo.name },
  ];
}

function identity(slo: Slo, { project }: PrometheusOptions) {
  return { service: project, slo: slo.name };
}

function recorded(slo: Slo, { project }: PrometheusOptions): string {
  return selector([
    { label: 'service', value: project },
    { label: 'slo', value: slo.name },
  ]);
}

function scaledMs(ms: number, { windowScale = 1 }: PrometheusOptions): number {
  return Math.max(second, Math.round((ms * windowScale) / second) * second);
}

function scaled(ms: number, options: PrometheusOptions): string {
  return windowName(scaledMs(ms, options));
}
