import { mlopsNamespace, pipelineMetrics } from '../base/pipeline-metrics.js';

type Unit = 'Count' | 'Seconds';

const { recordingsDone, recordingsFailed, audioSeconds, processingSeconds } = pipelineMetrics;
const { loadsDone, loadsFailed, loadsRefused, rowsLoaded } = pipelineMetrics;

export const transcribeUnits = {
  [recordingsDone]: 'Count',
  [recordingsFailed]: 'Count',
  [audioSeconds]: 'Seconds',
  [processingSeconds]: 'Seconds',
} as const satisfies Record<string, Unit>;

export const loadUnits = {
  [loadsDone]: 'Count',
  [loadsFailed]: 'Count',
  [loadsRefused]: 'Count',
  [rowsLoaded]: 'Count',
} as const satisfies Record<string, Unit>;

/** Every metric of a function, zeros included. */
export type MetricValues<Units extends Record<string, Unit>> = { -readonly [Name in keyof Units]: number };

/**
 * Metrics as a line of the log that CloudWatch makes metrics of:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * @param at milliseconds since 1970
 * @param properties are in the log and no metric: by what a person finds the run
 */
export function metricLine<Units extends Record<string, Unit>>(
  units: Units,
  values: MetricValues<Units>,
  { project, at, ...properties }: { project: string; at: number; function: string; requestId: string },
): string {
  const { dimension } = pipelineMetrics;
  const Metrics = Object.entries(units).map(([Name, Unit]) => ({ Name, Unit }));
  const directive = { Namespace: mlopsNamespace, Dimensions: [[dimension]], Metrics };
  return JSON.stringify({
    _aws: { Timestamp: at, CloudWatchMetrics: [directive] },
    [dimension]: project,
    ...properties,
    ...values,
  });
}
