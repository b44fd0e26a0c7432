import type { CompositeAlarmInput, MetricAlarmInput } from '../../../platform/aws/alarm-types.js';

export const groupNames = ['lambda', 'queue', 'eks', 'warehouse', 'slo'] as const;
export type GroupName = (typeof groupNames)[number];

/** An alarm without its actions: they are the same for all that notify. */
export type WantedAlarm =
  | { readonly kind: 'metric'; readonly notifies: boolean; readonly input: MetricAlarmInput }
  | { readonly kind: 'composite'; readonly notifies: boolean; readonly input: CompositeAlarmInput };

/** The alarms of one group, or why their metrics are not there. */
export type GroupPlan =
  | { readonly available: true; readonly alarms: readonly WantedAlarm[] }
  | { readonly available: false; readonly why: string; readonly actions: readonly string[] };

export const noAlarms: GroupPlan = { available: true, alarms: [] };
