import type { SubscriptionChange, SubscriptionPlan } from '../topic/subscriptions.js';
import type { TopicPlan } from '../topic/topic.js';
import type { AlarmChange, FieldChange } from './changes.js';

export interface AlarmSummary {
  readonly action: AlarmChange['action'];
  readonly name: string;
  readonly kind: 'metric' | 'composite';
  readonly fields: readonly FieldChange[];
}

/** A plan as it is shown and as `--json` has it. */
export interface PlanSummary {
  readonly hasChanges: boolean;
  readonly topic: TopicPlan;
  readonly subscriptions: readonly SubscriptionChange[];
  readonly alarms: readonly AlarmSummary[];
}

export interface Counts {
  readonly create: number;
  readonly update: number;
  readonly unchanged: number;
  readonly delete: number;
}

export function summarize(plan: {
  readonly topic: TopicPlan;
  readonly subscriptions: SubscriptionPlan;
  readonly alarms: readonly AlarmChange[];
}): PlanSummary {
  const summary = {
    topic: plan.topic,
    subscriptions: plan.subscriptions.map(({ change }) => change),
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

/** Alarms, subscriptions and the topic together. */
export function countChanges({ topic, subscriptions, alarms }: Omit<PlanSummary, 'hasChanges'>): Counts {
  const actions = [topic, ...subscriptions, ...alarms].map(({ action }) => action);
  const count = (wanted: string) => actions.filter((action) => action === wanted).length;
  return {
    create: count('create'),
    update: count('update'),
    unchanged: count('unchanged') + count('use') + count('other'),
    delete: count('delete'),
  };
}
