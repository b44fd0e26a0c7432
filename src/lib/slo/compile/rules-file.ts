import type { Slo } from '../types.js';
import { selector } from './promql.js';
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

const second = 1_000;

export function scaledMs(ms: number, { windowScale = 1 }: Pick<PrometheusOptions, 'windowScale'>): number {
  return Math.max(second, Math.round((ms * windowScale) / second) * second);
}

export function scaled(ms: number, options: Pick<PrometheusOptions, 'windowScale'>): string {
  return windowName(scaledMs(ms, options));
}

/** Labels of all that is recorded of an SLO. */
export function identity(slo: Pick<Slo, 'name'>, project: string) {
  return { service: project, slo: slo.name };
}

/** A recorded series of an SLO. */
export function recorded(name: string, slo: Pick<Slo, 'name'>, project: string): string {
  return `${name}${selector(Object.entries(identity(slo, project)).map(([label, value]) => ({ label, value })))}`;
}
