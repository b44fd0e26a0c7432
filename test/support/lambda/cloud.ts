import { readFileSync } from 'node:fs';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Moto } from '../moto.js';

/** The pipeline's bucket, whose uploads are announced to a queue, in moto. */
export class PipelineCloud {
  readonly bucket: string;
  readonly #s3: S3Client;
  readonly #sqs: SQSClient;
  readonly #queue: { readonly url: string; readonly arn: string };

  private constructor(bucket: string, s3: S3Client, sqs: SQSClient, queue: { url: string; arn: string }) {
    this.bucket = bucket;
    this.#s3 = s3;
    this.#sqs = sqs;
    this.#queue = queue;
  }

  static async create(moto: Moto, bucket: string): Promise<PipelineCloud> {
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
    const settings = { region: 'us-east-1', endpoint: moto.url, credentials };
    const s3 = new S3Client({ ...settings, forcePathStyle: true });
    const sqs = new SQSClient(settings);
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: bucket }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
    );
    const arn = Attributes?.QueueArn ?? '';
    const Filter = { Key: { FilterRules: [{ Name: 'prefix' as const, Value: 'recordings/' }] } };
    const QueueConfigurations = [{ QueueArn: arn, Events: ['s3:ObjectCreated:*' as const], Filter }];
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: bucket,
        NotificationConfiguration: { QueueConfigurations },
      }),
    );
    return new PipelineCloud(bucket, s3, sqs, { url, arn });
  }

  async upload(key: string, file: string | Buffer): Promise<void> {
    const Body = typeof file === 'string' ? readFileSync(file) : file;
    await this.#s3.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body }));
  }

  async text(key: string, bucket = this.bucket): Promise<string | undefined> {
    try {
      const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return await Body?.transformToString();
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  async keys(prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.#s3.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix: prefix }));
    return Contents.map(({ Key = '' }) => Key);
  }

  /** What waits in the queue, as Lambda's poller hands it to the function, and out of the queue. */
  async event(): Promise<{ Records: { messageId: string; body: string }[] }> {
    const Records: { messageId: string; body: string }[] = [];
    for (;;) {
      const { Messages = [] } = await this.#sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: this.#queue.url,
          MaxNumberOfMessages: 10,
          MessageSystemAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) return { Records };
      for (const { MessageId = '', Body = '', ReceiptHandle = '', Attributes = {} } of Messages) {
        const from = { eventSource: 'aws:sqs', eventSourceARN: this.#queue.arn, awsRegion: 'us-east-1' };
        Records.push({
          messageId: MessageId,
          body: Body,
          receiptHandle: ReceiptHandle,
          attributes: Attributes,
          ...from,
        } as never);
        await this.#sqs.send(new DeleteMessageCommand({ QueueUrl: this.#queue.url, ReceiptHandle }));
      }
    }
  }
}
