import { UsageError } from '../../base/errors/mlops-error.js';
import { type AwsSettings, createCaller } from './client.js';
import { hasAwsCode } from './errors.js';

export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** Names this receipt of it; a later receipt has another. */
  readonly receipt: string;
  /** How often it was received, this time included. */
  readonly receiveCount: number;
}

export interface QueueSettings {
  /** Receipts after which SQS moves a message to the dead-letter queue; undefined when there is none. */
  readonly maxReceives: number | undefined;
}

/** One SQS queue. Every call throws UsageError `QUEUE_MISSING` when there is none of this address. */
export interface Queue {
  readonly url: string;
  /** Permission: sqs:GetQueueAttributes. */
  settings(): Promise<QueueSettings>;
  /** Waits up to 20 s for messages; nobody else gets them for `visibilityS` seconds. Permission: sqs:ReceiveMessage. */
  receive(options: {
    readonly atMost: number;
    readonly visibilityS: number;
    readonly waitS: number;
    readonly signal: AbortSignal;
  }): Promise<QueueMessage[]>;
  /**
   * Nobody else gets it for `visibilityS` seconds from now; with 0 everybody does at once. False when the receipt is good
   * no longer: the message is visible again or deleted. Permission: sqs:ChangeMessageVisibility.
   */
  changeVisibility(message: QueueMessage, visibilityS: number): Promise<boolean>;
  /** Deleting what is gone is no error. Permission: sqs:DeleteMessage. */
  delete(message: QueueMessage): Promise<void>;
}

/** SQS gives at most this many messages at once. */
const mostMessages = 10;

export function createQueue(settings: AwsSettings, url: string): Queue {
  const caller = createCaller('sqs', async () => {
    const sdk = await import('@aws-sdk/client-sqs');
    const region = regionOf(url) ?? settings.region;
    return { sdk, client: new sdk.SQSClient({ ...settings, region, maxAttempts: 5 }) };
  });
  const call: typeof caller = async (action, resource, use) =>
    await caller(action, resource, async (loaded) => {
      try {
        return await use(loaded);
      } catch (error) {
        if (hasAwsCode(error, 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'))
          throw missing(url, error);
        throw error;
      }
    });
  return {
    url,
    settings: () =>
      call('GetQueueAttributes', url, async ({ sdk, client }) => {
        const { Attributes } = await client.send(
          new sdk.GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['RedrivePolicy'] }),
        );
        const policy = Attributes?.RedrivePolicy;
        const most = policy === undefined ? undefined : (JSON.parse(policy) as { maxReceiveCount?: unknown });
        return { maxReceives: most?.maxReceiveCount === undefined ? undefined : Number(most.maxReceiveCount) };
      }),
    receive: ({ atMost, visibilityS, waitS, signal }) =>
      call('ReceiveMessage', url, async ({ sdk, client }) => {
        const { Messages = [] } = await client.send(
          new sdk.ReceiveMessageCommand({
            QueueUrl: url,
            MaxNumberOfMessages: Math.min(mostMessages, atMost),
            VisibilityTimeout: visibilityS,
            WaitTimeSeconds: waitS,
            MessageSystemAttributeNames: ['ApproximateReceiveCount'],
          }),
          { abortSignal: signal },
        );
        return Messages.map(({ MessageId = '', Body = '', ReceiptHandle = '', Attributes }) => ({
          id: MessageId,
          body: Body,
          receipt: ReceiptHandle,
          receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
        }));
      }),
    changeVisibility: ({ receipt }, visibilityS) =>
      call('ChangeMessageVisibility', url, async ({ sdk, client }) => {
        try {
          await client.send(
            new sdk.ChangeMessageVisibilityCommand({
              QueueUrl: url,
              ReceiptHandle: receipt,
              VisibilityTimeout: visibilityS,
            }),
          );
          return true;
        } catch (error) {
          if (isStaleReceipt(error)) return false;
          throw error;
        }
      }),
    delete: ({ receipt }) =>
      call('DeleteMessage', url, async ({ sdk, client }) => {
        try {
          await client.send(new sdk.DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt }));
        } catch (error) {
          if (!isStaleReceipt(error)) throw error;
        }
      }),
  };
}

function missing(url: string, cause: unknown): UsageError {
  return new UsageError(`There is no queue ${url}`, {
    code: 'QUEUE_MISSING',
    why: 'SQS knows none of this address, account and region.',
    actions: ['aws sqs get-queue-url --queue-name NAME'],
    cause,
  });
}

/** The region in the address of a queue of AWS, which is the one that signs for it. */
function regionOf(url: string): string | undefined {
  return /^https?:\/\/(?:[\w-]+\.)?sqs(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com|api\.aws)/.exec(url)?.[1];
}

function isStaleReceipt(error: unknown): boolean {
  return hasAwsCode(error, 'MessageNotInflight', 'ReceiptHandleIsInvalid', 'InvalidParameterValue');
}
