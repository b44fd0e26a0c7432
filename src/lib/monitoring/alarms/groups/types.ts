import type { CompositeAlarmInput, MetricAlarmInput } from '../../../platform/aws/alarm-types.js';
import type { Severity } from '../../../slo/burn-rate.js';

export const groupNames = ['lambda', 'queue', 'eks', 'warehouse', 'slo'] as const;
export type GroupName = (typeof groupNames)[number];

/** An alarm without its actions: they follow from its severity. One without a severity is part of a composite and silent. */
export type WantedAlarm =
  | { readonly kind: 'metric'; readonly severity: Severity | undefined; readonly input: MetricAlarmInput }
  | { readonly kind: 'composite'; readonly severity: Severity | undefined; readonly input: CompositeAlarmInput };

/** The alarms of one group, or why their metrics are not there. */
export type GroupPlan =
  | { readonly available: true; readonly alarms: readonly WantedAlarm[] }
  | {
      readonly available: false;
      readonly why: string;
      readonly actions: readonly string[];
      /** Those of the group that have a source all the same. */
      readonly alarms?: readonly WantedAlarm[];
    };

export const noAlarms: GroupPlan = { available: true, alarms: [] };

/** Alarms that exist: they were made when their metric was there, and stay when CloudWatch has forgotten it. */
export type Made = ReadonlySet<string>;
