import type { Severity } from '../../../slo/burn-rate.js';
import type { WantedAlarm } from './types.js';

export interface ThresholdAlarm {
  readonly name: string;
  readonly description: string;
  /** `ticket` unless given: a cause that somebody looks into, not what users feel right now. */
  readonly severity?: Severity;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: 'Sum' | 'Minimum' | 'Maximum';
  /** The alarm goes off above this, in the unit of the metric. */
  readonly above: number;
  /** 300 unless given. */
  readonly periodSeconds?: number;
  /** How many periods in a row have to be above it. */
  readonly periods: number;
  readonly missing: 'notBreaching' | 'missing';
}

export const periodSeconds = 300;

/** An alarm on one metric with a fixed threshold. */
export function thresholdAlarm(alarm: ThresholdAlarm): WantedAlarm {
  return {
    kind: 'metric',
    severity: alarm.severity ?? 'ticket',
    input: {
      AlarmName: alarm.name,
      AlarmDescription: alarm.description,
      Namespace: alarm.namespace,
      MetricName: alarm.metric,
      Dimensions: Object.entries(alarm.dimensions).map(([Name, Value]) => ({ Name, Value })),
      Statistic: alarm.statistic,
      Period: alarm.periodSeconds ?? periodSeconds,
      EvaluationPeriods: alarm.periods,
      DatapointsToAlarm: alarm.periods,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: alarm.above,
      TreatMissingData: alarm.missing,
    },
  };
}
