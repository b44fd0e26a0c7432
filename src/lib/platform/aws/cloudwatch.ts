import type { CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type {
  AlarmHistoryItem,
  AlarmState,
  CompositeAlarmInput,
  FoundAlarm,
  MetricAlarmInput,
  MetricIdentity,
  StateValue,
  Tags,
} from './alarm-types.js';
import { type AwsSettings, allPages, createCaller } from './client.js';
import { isNotFound } from './errors.js';
import { patient } from './retries.js';
import { asTagList, asTags } from './tags.js';

/** CloudWatch alarms of one region. */
export interface CloudWatch {
  /** Metric alarms and composites whose name begins like this. */
  alarms(prefix: string): Promise<FoundAlarm[]>;
  alarmTags(arn: string): Promise<Tags>;
  /** Makes the alarm, or replaces all of it. CloudWatch takes tags only when it makes one. */
  putMetricAlarm(input: MetricAlarmInput, tags: Tags): Promise<void>;
  /** The same for a composite. Every alarm in its rule has to exist. */
  putCompositeAlarm(input: CompositeAlarmInput, tags: Tags): Promise<void>;
  /** Deletes one alarm; one that is gone already is fine. */
  deleteAlarm(name: string): Promise<void>;
  setAlarmState(name: string, value: StateValue, reason: string): Promise<void>;
  /** What happened to an alarm since then, oldest first. */
  alarmHistory(name: string, since: Date): Promise<AlarmHistoryItem[]>;
  /** Whether CloudWatch has had data of exactly this metric in the last two weeks. */
  hasMetric(metric: MetricIdentity): Promise<boolean>;
}

/**
 * Permissions: cloudwatch:DescribeAlarms on `*` (composites are listed with no less), ListTagsForResource, PutMetricAlarm,
 * PutCompositeAlarm, TagResource, DeleteAlarms, SetAlarmState, DescribeAlarmHistory, ListMetrics.
 */
export function createCloudWatch(settings: AwsSettings, timeouts: { readonly requestMs?: number } = {}): CloudWatch {
  const call = createCaller('cloudwatch', async () => {
    const sdk = await import('@aws-sdk/client-cloudwatch');
    return { sdk, client: new sdk.CloudWatchClient({ ...settings, ...patient(timeouts.requestMs) }) };
  });
  return {
    alarms: (prefix) =>
      call('DescribeAlarms', `${prefix}*`, ({ sdk, client }) =>
        allPages(
          (NextToken) =>
            client.send(
              new sdk.DescribeAlarmsCommand({
                AlarmNamePrefix: prefix,
                // Left out, it means metric alarms only.
                AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
                MaxRecords: 100,
                NextToken,
              }),
            ),
          ({ MetricAlarms = [], CompositeAlarms = [] }) => [
            ...MetricAlarms.map(foundMetric),
            ...CompositeAlarms.map(foundComposite),
          ],
          (page) => page.NextToken,
        ),
      ),
    alarmTags: (ResourceARN) =>
      call('ListTagsForResource', ResourceARN, async ({ sdk, client }) => {
        const answer = await client.send(new sdk.ListTagsForResourceCommand({ ResourceARN }));
        return asTags(answer.Tags);
      }),
    putMetricAlarm: (input, tags) =>
      call('PutMetricAlarm', input.AlarmName, async ({ sdk, client }) => {
        await client.send(new sdk.PutMetricAlarmCommand({ ...input, Tags: asTagList(tags) }));
      }),
    putCompositeAlarm: (input, tags) =>
      call('PutCompositeAlarm', input.AlarmName, async ({ sdk, client }) => {
        await client.send(new sdk.PutCompositeAlarmCommand({ ...input, Tags: asTagList(tags) }));
      }),
    deleteAlarm: (name) =>
      call('DeleteAlarms', name, async ({ sdk, client }) => {
        try {
          await client.send(new sdk.DeleteAlarmsCommand({ AlarmNames: [name] }));
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
      }),
    setAlarmState: (name, StateValue, StateReason) =>
      call('SetAlarmState', name, async ({ sdk, client }) => {
        await client.send(new sdk.SetAlarmStateCommand({ AlarmName: name, StateValue, StateReason }));
      }),
    alarmHistory: (name, since) =>
      call('DescribeAlarmHistory', name, async ({ sdk, client }) => {
        const items = await allPages(
          (NextToken) =>
            client.send(
              new sdk.DescribeAlarmHistoryCommand({
                AlarmName: name,
                AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
                StartDate: since,
                ScanBy: 'TimestampAscending',
                NextToken,
              }),
            ),
          (page) => page.AlarmHistoryItems,
          (page) => page.NextToken,
        );
        return items.map(({ HistoryItemType, Timestamp, HistorySummary = '' }) => ({
          type: historyType(HistoryItemType),
          at: Timestamp ?? since,
          summary: HistorySummary,
        }));
      }),
    hasMetric: ({ namespace, name, dimensions }) =>
      call('ListMetrics', `${namespace}/${name}`, async ({ sdk, client }) => {
        const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
        const metrics = await allPages(
          (NextToken) =>
            client.send(new sdk.ListMetricsCommand({ Namespace: namespace, MetricName: name, Dimensions, NextToken })),
          (page) => page.Metrics,
          (page) => page.NextToken,
        );
        // The filter also lets through metrics with further dimensions, which are other metrics.
        return metrics.some((metric) => metric.Dimensions?.length === Dimensions.length);
      }),
  };
}

function foundMetric(alarm: MetricAlarm): FoundAlarm {
  return { kind: 'metric', input: { ...alarm, AlarmName: alarm.AlarmName ?? '' }, ...common(alarm) };
}

function foundComposite(alarm: CompositeAlarm): FoundAlarm {
  const { AlarmName = '', AlarmRule } = alarm;
  return { kind: 'composite', input: { ...alarm, AlarmName, AlarmRule }, ...common(alarm) };
}

function common(alarm: MetricAlarm | CompositeAlarm): { arn: string; state: AlarmState } {
  const { AlarmArn = '', StateValue = 'INSUFFICIENT_DATA', StateReason = '' } = alarm;
  const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  return { arn: AlarmArn, state: { value: StateValue, reason: StateReason, since } };
}

function historyType(type: string | undefined): AlarmHistoryItem['type'] {
  return type === 'Action' || type === 'StateUpdate' || type === 'ConfigurationUpdate' ? type : 'Other';
}
