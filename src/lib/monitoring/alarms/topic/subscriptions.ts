import { MlopsError, OperationError, UsageError } from '../../../base/errors/mlops-error.js';
import type { Sns, Subscription } from '../../../platform/aws/sns.js';
import { createRedactor } from '../../../secrets/redact.js';
import { isSameEndpoint, publicLabel, type Subscriber } from './subscribers.js';
import type { TopicPlan } from './topic.js';

export interface SubscriptionChange {
  /** `other`: subscribed, not in mlops.yaml, and left alone. */
  readonly action: 'create' | 'unchanged' | 'delete' | 'other';
  readonly protocol: string;
  /** As mlops.yaml has it; of others without what could be a secret. */
  readonly endpoint: string;
  /** Waits for the other side to confirm: it gets nothing before. */
  readonly pending: boolean;
}

interface Planned {
  readonly change: SubscriptionChange;
  readonly subscriber: Subscriber | undefined;
  readonly arn: string | undefined;
}

export type SubscriptionPlan = readonly Planned[];

/**
 * Compares who is subscribed with who should be. Subscriptions carry no tags, so one that mlops.yaml does not name may be
 * anybody's: it is left alone unless `prune`. Throws UsageError `TOPIC_OF_OTHERS`.
 */
export function planSubscriptions(
  topic: Pick<TopicPlan, 'owner' | 'arn'>,
  wanted: readonly Subscriber[],
  known: readonly Subscription[],
  { prune }: { prune: boolean },
): SubscriptionPlan {
  if (topic.owner === 'others' && (wanted.length > 0 || prune)) {
    throw new UsageError('Who is subscribed to a topic of others is their business', {
      code: 'TOPIC_OF_OTHERS',
      why: `mlops.yaml names ${topic.arn} by its ARN.`,
      actions: ['Take subscribe beside it out of mlops.yaml', 'Or name the topic by its name: mlops makes one then'],
    });
  }
  const isFor = (subscription: Subscription, { protocol, endpoint }: Subscriber) =>
    subscription.protocol === protocol && isSameEndpoint(subscription.endpoint, endpoint.reveal());
  const ours = wanted.map((subscriber): Planned => {
    const { protocol, label: endpoint } = subscriber;
    const found = known.find((subscription) => isFor(subscription, subscriber));
    const action = found === undefined ? 'create' : 'unchanged';
    return { change: { action, protocol, endpoint, pending: found?.arn === undefined }, subscriber, arn: found?.arn };
  });
  const others = known
    .filter((subscription) => !wanted.some((subscriber) => isFor(subscription, subscriber)))
    .map(({ protocol, endpoint, arn }): Planned => {
      // Nothing unsubscribes one that was never confirmed; SNS forgets it after two days.
      const action = prune && arn !== undefined ? 'delete' : 'other';
      const change = {
        action,
        protocol,
        endpoint: publicLabel(protocol, endpoint),
        pending: arn === undefined,
      } as const;
      return { change, subscriber: undefined, arn };
    });
  return [...ours, ...others];
}

/** Makes one change. An error does not repeat the endpoint. */
export async function applySubscription(topicArn: string, planned: Planned, sns: Sns): Promise<void> {
  const { change, subscriber, arn } = planned;
  if (change.action === 'delete' && arn !== undefined) await sns.unsubscribe(arn);
  if (change.action !== 'create' || subscriber === undefined) return;
  const endpoint = subscriber.endpoint.reveal();
  try {
    await sns.subscribe(topicArn, subscriber.protocol, endpoint);
  } catch (error) {
    throw withoutEndpoint(error, subscriber);
  }
}

function withoutEndpoint(error: unknown, { endpoint, label }: Subscriber): unknown {
  if (!(error instanceof MlopsError)) return error;
  const redact = createRedactor([endpoint]);
  return new OperationError(`${label} cannot be subscribed`, {
    code: error.code,
    why: redact(error.why ?? error.message),
    actions: error.actions.map(redact),
  });
}
