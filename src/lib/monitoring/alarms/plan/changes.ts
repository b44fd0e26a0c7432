import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../../base/errors/mlops-error.js';
import type { AlarmInput, FoundAlarm } from '../../../platform/aws/alarm-types.js';
import { type Existing, ownerTags } from '../ownership.js';
import { comparable } from './comparable.js';

export interface FieldChange {
  /** As CloudWatch calls it. */
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

export type AlarmChange =
  | { readonly action: 'create' | 'unchanged'; readonly name: string; readonly alarm: AlarmInput }
  | {
      readonly action: 'update';
      readonly name: string;
      readonly alarm: AlarmInput;
      readonly fields: readonly FieldChange[];
    }
  | { readonly action: 'delete'; readonly name: string; readonly alarm: FoundAlarm };

/**
 * What has to happen so that the project's alarms are the wanted ones, in an order that CloudWatch takes at every step:
 * children before the composites that name them, composites away before their children.
 * Throws UsageError `ALARM_NOT_OURS` for a name that somebody else has taken.
 */
export function planAlarms(wanted: readonly AlarmInput[], existing: Existing, project: string): AlarmChange[] {
  const taken = existing.foreign.filter(({ input }) =>
    wanted.some((alarm) => alarm.input.AlarmName === input.AlarmName),
  );
  if (taken.length > 0) throw notOurs(taken, project);
  const known = new Map(existing.owned.map((alarm) => [alarm.input.AlarmName, alarm]));
  const puts = [...wanted].sort(metricsFirst).map((alarm) => putChange(alarm, known.get(alarm.input.AlarmName)));
  const names = new Set(wanted.map(({ input }) => input.AlarmName));
  const deletions = existing.owned
    .filter(({ input }) => !names.has(input.AlarmName))
    .sort((a, b) => metricsFirst(b, a))
    .map((alarm) => ({ action: 'delete', name: alarm.input.AlarmName, alarm }) as const);
  return [...puts, ...deletions];
}

function putChange(alarm: AlarmInput, known: FoundAlarm | undefined): AlarmChange {
  const name = alarm.input.AlarmName;
  if (known === undefined) return { action: 'create', name, alarm };
  const before = comparable(known);
  const after = comparable(alarm);
  const fields = Object.keys(after)
    .filter((field) => !isDeepStrictEqual(before[field], after[field]))
    .map((field) => ({ field, from: before[field], to: after[field] }));
  return fields.length === 0 ? { action: 'unchanged', name, alarm } : { action: 'update', name, alarm, fields };
}

function metricsFirst(a: AlarmInput, b: AlarmInput): number {
  return Number(a.kind === 'composite') - Number(b.kind === 'composite');
}

function notOurs(taken: readonly FoundAlarm[], project: string): UsageError {
  const tags = Object.entries(ownerTags(project)).map(([key, value]) => `Key=${key},Value=${value}`);
  const [first] = taken;
  return new UsageError('Alarms of these names are there already, and mlops did not make them', {
    code: 'ALARM_NOT_OURS',
    why: `${taken.map(({ input }) => input.AlarmName).join(', ')}: without the tags ${tags.join(' and ')}. Nothing was changed.`,
    actions: [
      'Rename or delete them, or switch off their group under alarms: in mlops.yaml',
      `To hand one over to mlops: aws cloudwatch tag-resource --resource-arn ${first?.arn} --tags ${tags.join(' ')}`,
    ],
  });
}
