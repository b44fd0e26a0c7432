import type { Tags } from './alarm-types.js';
import { type AwsSettings, allPages, createCaller } from './client.js';
import { isNotFound } from './errors.js';
import { patient } from './retries.js';
import { asTagList, asTags } from './tags.js';

export interface Topic {
  readonly arn: string;
  /** KMS key: id, ARN or alias; undefined for a topic that is not encrypted. */
  readonly key: string | undefined;
  /** JSON */
  readonly policy: string;
  readonly tags: Tags;
}

export interface TopicSettings {
  readonly key: string;
  readonly policy: string;
  readonly tags: Tags;
}

export interface Subscription {
  /** `email`, `https`, `sqs`, ... */
  readonly protocol: string;
  readonly endpoint: string;
  /** Undefined until the other side has confirmed it: it gets nothing before. */
  readonly arn: string | undefined;
}

/** SNS topics and who is subscribed to them. */
export interface Sns {
  /** Undefined when there is no such topic. */
  topic(arn: string): Promise<Topic | undefined>;
  /** Makes a standard topic; one of this name with the same settings is taken as it is. Returns its ARN. */
  createTopic(name: string, settings: TopicSettings): Promise<string>;
  setTopic(arn: string, settings: Partial<Pick<TopicSettings, 'key' | 'policy'>>): Promise<void>;
  /** Takes its subscriptions with it. */
  deleteTopic(arn: string): Promise<void>;
  subscriptions(topic: string): Promise<Subscription[]>;
  /** Errors may quote the endpoint: whoever has a secret in it takes care of that. */
  subscribe(topic: string, protocol: string, endpoint: string): Promise<void>;
  unsubscribe(subscription: string): Promise<void>;
}

export function createSns(settings: AwsSettings, timeouts: { readonly requestMs?: number } = {}): Sns {
  const call = createCaller('sns', async () => {
    const sdk = await import('@aws-sdk/client-sns');
    return { sdk, client: new sdk.SNSClient({ ...settings, ...patient(timeouts.requestMs) }) };
  });
  return {
    topic: (arn) =>
      call('GetTopicAttributes', arn, async ({ sdk, client }) => {
        try {
          const { Attributes = {} } = await client.send(new sdk.GetTopicAttributesCommand({ TopicArn: arn }));
          const { Tags } = await client.send(new sdk.ListTagsForResourceCommand({ ResourceArn: arn }));
          const { KmsMasterKeyId: key, Policy: policy = '{}' } = Attributes;
          return { arn, key: key || undefined, policy, tags: asTags(Tags) };
        } catch (error) {
          if (isNotFound(error)) return undefined;
          throw error;
        }
      }),
    createTopic: (name, { key, policy, tags }) =>
      call('CreateTopic', name, async ({ sdk, client }) => {
        const { TopicArn = '' } = await client.send(
          new sdk.CreateTopicCommand({
            Name: name,
            Attributes: { KmsMasterKeyId: key, Policy: policy },
            Tags: asTagList(tags),
          }),
        );
        return TopicArn;
      }),
    async setTopic(arn, { key, policy }) {
      const attributes = { KmsMasterKeyId: key, Policy: policy };
      for (const [AttributeName, AttributeValue] of Object.entries(attributes)) {
        if (AttributeValue === undefined) continue;
        await call('SetTopicAttributes', arn, async ({ sdk, client }) => {
          await client.send(new sdk.SetTopicAttributesCommand({ TopicArn: arn, AttributeName, AttributeValue }));
        });
      }
    },
    deleteTopic: (TopicArn) =>
      call('DeleteTopic', TopicArn, async ({ sdk, client }) => {
        await client.send(new sdk.DeleteTopicCommand({ TopicArn }));
      }),
    subscriptions: (TopicArn) =>
      call('ListSubscriptionsByTopic', TopicArn, async ({ sdk, client }) => {
        const found = await allPages(
          (NextToken) => client.send(new sdk.ListSubscriptionsByTopicCommand({ TopicArn, NextToken })),
          (page) => page.Subscriptions,
          (page) => page.NextToken,
        );
        return found.map(({ Protocol = '', Endpoint = '', SubscriptionArn = '' }) => ({
          protocol: Protocol,
          endpoint: Endpoint,
          arn: SubscriptionArn.startsWith('arn:') ? SubscriptionArn : undefined,
        }));
      }),
    subscribe: (TopicArn, Protocol, Endpoint) =>
      call('Subscribe', TopicArn, async ({ sdk, client }) => {
        await client.send(new sdk.SubscribeCommand({ TopicArn, Protocol, Endpoint }));
      }),
    unsubscribe: (SubscriptionArn) =>
      call('Unsubscribe', SubscriptionArn, async ({ sdk, client }) => {
        await client.send(new sdk.UnsubscribeCommand({ SubscriptionArn }));
      }),
  };
}
