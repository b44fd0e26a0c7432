import type { Severity } from '../../../slo/burn-rate.js';
import type { Channel } from '../channels.js';
import type { SubscriptionChange } from '../topic/subscriptions.js';
import type { TopicPlan } from '../topic/topic.js';
import type { AlarmChange, FieldChange } from './changes.js';

export interface AlarmSummary {
  readonly action: AlarmChange['action'];
  readonly name: string;
  readonly kind: 'metric' | 'composite';
  readonly fields: readonly FieldChange[];
}

export interface ChannelSummary {
  readonly severity: Severity;
  readonly topic: TopicPlan;
  readonly subscriptions: readonly SubscriptionChange[];
}

/** A plan as it is shown and as `--json` has it. */
export interface PlanSummary {
  readonly hasChanges: boolean;
  /** The topic of all alarms, and who hears of them. */
  readonly topic: TopicPlan;
  readonly subscriptions: readonly SubscriptionChange[];
  /** Topics of one severity alone. */
  readonly channels: readonly ChannelSummary[];
  readonly alarms: readonly AlarmSummary[];
}

export interface Counts {
  readonly create: number;
  readonly update: number;
  readonly unchanged: number;
  readonly delete: number;
}

export function summarize(plan: {
  readonly channels: readonly [Channel, ...Channel[]];
  readonly alarms: readonly AlarmChange[];
}): PlanSummary {
  const [all, ...own] = plan.channels;
  const changes = ({ subscriptions }: Channel) => subscriptions.map(({ change }) => change);
  const summary = {
    topic: all.topic,
    subscriptions: changes(all),
    channels: own.flatMap((channel): ChannelSummary[] => {
      const { severity, topic } = channel;
      return severity === undefined ? [] : [{ severity, topic, subscriptions: changes(channel) }];
    }),
    alarms: plan.alarms.map((change) => ({
      action: change.action,
      name: change.name,
      kind: change.alarm.kind,
      fields: change.action === 'update' ? change.fields : [],
    })),
  };
  const counts = countChanges(summary);
  return { hasChanges: counts.create + counts.update + counts.delete > 0, ...summary };
}

/** Alarms, subscriptions and topics together. */
export function countChanges({ topic, subscriptions, channels, alarms }: Omit<PlanSummary, 'hasChanges'>): Counts {
  const actions = [
    ...[{ topic, subscriptions }, ...channels].flatMap((one) => [one.topic, ...one.subscriptions]),
    ...alarms,
  ].map(({ action }) => action);
  const count = (wanted: string) => actions.filter((action) => action === wanted).length;
  return {
    create: count('create'),
    update: count('update'),
    unchanged: count('unchanged') + count('use') + count('other'),
    delete: count('delete'),
  };
}
