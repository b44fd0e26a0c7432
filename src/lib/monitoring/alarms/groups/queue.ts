import { formatDuration } from '../../../base/units.js';
import type { AlarmsConfig } from '../../../project/schema-alarms.js';
import { sqs } from '../../metric-names.js';
import { thresholdAlarm } from './threshold.js';
import type { GroupPlan, WantedAlarm } from './types.js';

const defaultAgeMs = 3_600_000;

/** Age of the oldest message of the queue, and messages that were given up. */
export function queueAlarms(
  project: string,
  queues: { readonly recordings: string | undefined; readonly deadLetter: string | undefined },
  { age = defaultAgeMs, deadLetters = true }: Exclude<AlarmsConfig['queue'], boolean | undefined>,
): GroupPlan {
  const { recordings, deadLetter } = queues;
  if (recordings === undefined || deadLetter === undefined) {
    return {
      available: false,
      why: 'The infrastructure has no queue: the pipeline is off.',
      actions: ['mlops provision, with infrastructure: { features: { pipeline: true } }'],
    };
  }
  const alarms: WantedAlarm[] = [];
  const common = { namespace: sqs.namespace, statistic: 'Maximum', periods: 1, missing: 'notBreaching' } as const;
  if (age !== false) {
    alarms.push(
      thresholdAlarm({
        ...common,
        name: `${project}-QueueAgeAlarm`,
        description: `The oldest message of ${recordings} has waited for more than ${formatDuration(age)}.`,
        metric: sqs.oldestAge,
        dimensions: { [sqs.dimension]: recordings },
        above: age / 1000,
      }),
    );
  }
  if (deadLetters) {
    alarms.push(
      thresholdAlarm({
        ...common,
        name: `${project}-DeadLetterAlarm`,
        description: `${deadLetter} holds messages that failed for good: look at them, then redrive or delete them.`,
        metric: sqs.visible,
        dimensions: { [sqs.dimension]: deadLetter },
        above: 0,
      }),
    );
  }
  return { available: true, alarms };
}
