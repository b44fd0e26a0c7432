import type { Slo } from '../types.js';
import { type LabelMatcher, type Scrape, selector } from './promql.js';
import { windowName } from './windows.js';

export interface PrometheusOptions extends Scrape, Recorder {
  /** Multiplies every window; 1 but for a test that cannot wait for days. The factors do not change with it. */
  readonly windowScale?: number;
}

/** Whose recordings they are. */
export interface Recorder {
  /** The project; the label `service` of all that is recorded. */
  readonly project: string;
  /** A label of all that is recorded too, if there is one: else two namespaces would record the same series. */
  readonly namespace?: string | undefined;
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

/** Labels of all that is recorded of a project. */
export function recorderLabels({ project, namespace }: Recorder): Record<string, string> {
  return { service: project, ...(namespace === undefined ? {} : { namespace }) };
}

/** Labels of all that is recorded of an SLO. */
export function identity(slo: Pick<Slo, 'name'>, recorder: Recorder): Record<string, string> {
  return { ...recorderLabels(recorder), slo: slo.name };
}

/** A recorded series of an SLO. */
export function recorded(
  name: string,
  slo: Pick<Slo, 'name'>,
  recorder: Recorder,
  more: readonly LabelMatcher[] = [],
): string {
  const own = Object.entries(identity(slo, recorder)).map(([label, value]) => ({ label, value }));
  return `${name}${selector([...own, ...more])}`;
}
