import { UsageError } from '../../base/errors/mlops-error.js';
import type { FoundAlarm } from '../../platform/aws/alarm-types.js';
import type { Existing } from './ownership.js';

/** An alarm of ours by its name, with or without the project's. Throws UsageError `ALARM_NOT_OURS` or `ALARM_UNKNOWN`. */
export function findAlarm(name: string, { owned, foreign }: Existing, project: string): FoundAlarm {
  const isNamed = ({ input }: FoundAlarm) => input.AlarmName === name || input.AlarmName === `${project}-${name}`;
  const found = owned.find(isNamed);
  if (found !== undefined) return found;
  if (foreign.some(isNamed)) {
    throw new UsageError(`${name} is an alarm that mlops did not make`, {
      code: 'ALARM_NOT_OURS',
      why: 'It has no tags of mlops. Nothing was changed.',
    });
  }
  throw new UsageError(`There is no alarm ${name}`, {
    code: 'ALARM_UNKNOWN',
    why: `The alarms of this project: ${owned.map(({ input }) => input.AlarmName).join(', ') || 'none'}.`,
    actions: ['mlops alarms list', 'mlops alarms apply'],
  });
}
