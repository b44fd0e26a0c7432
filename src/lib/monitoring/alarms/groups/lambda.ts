import { formatDuration } from '../../../base/units.js';
import type { AlarmsConfig } from '../../../project/schema-alarms.js';
import { lambda } from '../../metric-names.js';
import { thresholdAlarm } from './threshold.js';
import type { GroupPlan, WantedAlarm } from './types.js';

export interface WatchedFunction {
  readonly name: string;
  /** What is appended to the names of its alarms; the first function has none. */
  readonly suffix: string;
  readonly timeoutSeconds: number;
}

/** Share of the timeout that a run may take before somebody should know: a run that reaches it is lost. */
const defaultDurationShare = 0.8;

/** Errors, throttles and runs close to the timeout, by function. */
export function lambdaAlarms(
  project: string,
  functions: readonly WatchedFunction[],
  settings: Exclude<AlarmsConfig['lambda'], boolean | undefined>,
): GroupPlan {
  if (functions.length === 0) {
    return {
      available: false,
      why: 'The infrastructure has no Lambda functions: the pipeline is off, or its image is not there yet.',
      actions: ['mlops provision, with infrastructure: { features: { pipeline: true } } and an image of the functions'],
    };
  }
  return { available: true, alarms: functions.flatMap((watched) => alarmsOf(project, watched, settings)) };
}

function alarmsOf(
  project: string,
  { name, suffix, timeoutSeconds }: WatchedFunction,
  { errors = true, throttles = true, duration = defaultDurationShare }: Parameters<typeof lambdaAlarms>[2],
): WantedAlarm[] {
  const alarm = (kind: string, given: { description: string; metric: string; above: number; maximum?: true }) =>
    thresholdAlarm({
      name: `${project}-${kind}${suffix}`,
      description: given.description,
      namespace: lambda.namespace,
      metric: given.metric,
      dimensions: { [lambda.dimension]: name },
      statistic: given.maximum ? 'Maximum' : 'Sum',
      above: given.above,
      periods: 1,
      // A function that is not called sends nothing.
      missing: 'notBreaching',
    });
  const alarms: WantedAlarm[] = [];
  if (errors) {
    const description = `${name} failed at least once in 5 minutes. See: mlops logs --service lambda --errors`;
    alarms.push(alarm('LambdaErrorAlarm', { description, metric: lambda.errors, above: 0 }));
  }
  if (throttles) {
    const description = `${name} was refused for lack of concurrency at least once in 5 minutes.`;
    alarms.push(alarm('LambdaThrottleAlarm', { description, metric: lambda.throttles, above: 0 }));
  }
  if (duration !== false) {
    const above = Math.round(timeoutSeconds * duration * 1000);
    const description = `A run of ${name} took more than ${formatDuration(above)}; its timeout is ${formatDuration(timeoutSeconds * 1000)}.`;
    alarms.push(alarm('LambdaDurationAlarm', { description, metric: lambda.duration, above, maximum: true }));
  }
  return alarms;
}
