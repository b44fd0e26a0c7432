import type {
  MetricAlarm as DescribedMetricAlarm,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
} from '@aws-sdk/client-cloudwatch';

/** What makes up an alarm, under the names of PutMetricAlarm. */
export type MetricAlarmInput = Omit<PutMetricAlarmInput, 'AlarmName' | 'Tags'> & { readonly AlarmName: string };

/** What makes up a composite alarm, under the names of PutCompositeAlarm. */
export type CompositeAlarmInput = Omit<PutCompositeAlarmInput, 'AlarmName' | 'Tags'> & { readonly AlarmName: string };

export type AlarmInput =
  | { readonly kind: 'metric'; readonly input: MetricAlarmInput }
  | { readonly kind: 'composite'; readonly input: CompositeAlarmInput };

export type StateValue = NonNullable<DescribedMetricAlarm['StateValue']>;

export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  /** When the value last changed. */
  readonly since: Date | undefined;
}

/** An alarm as CloudWatch has it. */
export type FoundAlarm = AlarmInput & { readonly arn: string; readonly state: AlarmState };

export interface AlarmHistoryItem {
  readonly type: 'Action' | 'StateUpdate' | 'ConfigurationUpdate' | 'Other';
  readonly at: Date;
  /** One line, such as `Successfully executed action arn:aws:sns:...`. */
  readonly summary: string;
}

/** One metric, by everything that tells it from others. */
export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export type Tags = Readonly<Record<string, string>>;
