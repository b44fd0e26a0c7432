import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createS3Objects } from '../../../src/lib/platform/aws/s3-objects.js';
import { createQueue } from '../../../src/lib/platform/aws/sqs.js';
import { openBucketStore } from '../../../src/lib/recordings/output/bucket-store.js';
import { type QueueRequest, transcribeQueue } from '../../../src/lib/recordings/queue/transcribe-queue.js';
import { createWatch } from '../../../src/lib/recordings/queue/watch.js';
import { runWorker } from '../../../src/lib/recordings/queue/worker.js';
import { withModel } from '../../../src/lib/recordings/session.js';
import { errorOf } from '../../support/errors.js';
import { hasMoto, type Moto, startMoto } from '../../support/moto.js';
import { testDeps } from '../../support/recordings/deps.js';
import { fakeEngine } from '../../support/recordings/fake-engine.js';

const region = 'us-east-1';

describe.skipIf(!hasMoto)('a worker on SQS', () => {
  let moto: Moto;
  let s3: S3Client;
  let sqs: SQSClient;
  let folder: string;

  beforeAll(async () => {
    moto = await startMoto();
    const settings = { endpoint: moto.url, region, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
    s3 = new S3Client(settings);
    sqs = new SQSClient(settings);
    folder = await mkdtemp(join(tmpdir(), 'mlops-queue-'));
    for (const [name, value] of Object.entries(moto.env)) vi.stubEnv(name, value);
    const { createS3 } = await import('../../../src/lib/platform/aws/s3.js');
    for (const bucket of ['calls', 'texts']) await createS3({ region }).createBucket(bucket, {});
  });
  afterAll(async () => {
    await moto?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    for (const [name, value] of Object.entries(moto.env)) vi.stubEnv(name, value);
  });

  async function makeQueue(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    return QueueUrl;
  }

  async function attributes(QueueUrl: string) {
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    const {
      QueueArn = '',
      ApproximateNumberOfMessages: visible,
      ApproximateNumberOfMessagesNotVisible: away,
    } = {
      ...Attributes,
    };
    return { arn: QueueArn, visible: Number(visible), away: Number(away) };
  }

  function deps(engine = fakeEngine()) {
    return testDeps({
      engine,
      tempDir: folder,
      s3: async () => createS3Objects({ region }),
      queue: async (url) => createQueue({ region }, url),
      sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
    });
  }

  function request(queue: string, changed: Partial<QueueRequest> = {}): QueueRequest {
    return {
      ...{ sources: ['s3://calls/in/'], queue, output: 's3://texts/done', model: 'fake', concurrency: 2 },
      ...{ force: false, offline: false, untilEmpty: true, signal: new AbortController().signal },
      format: 'jsonl',
      channels: 'mix',
      onOutcome: async () => {},
      ...changed,
    };
  }

  const text = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'texts', Key }));
    return JSON.parse((await Body?.transformToString()) ?? '') as { text: string; source: string };
  };

  test('from an upload to a stored result and an empty queue, also for a key that S3 encodes', async () => {
    const dead = await makeQueue('dead');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: (await attributes(dead)).arn, maxReceiveCount: 2 });
    const queue = await makeQueue('calls', { RedrivePolicy });
    const QueueConfigurations = [{ QueueArn: (await attributes(queue)).arn, Events: ['s3:ObjectCreated:*' as const] }];
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: 'calls',
        NotificationConfiguration: { QueueConfigurations },
      }),
    );
    for (const [Key, Body] of [
      ['in/a b+ü.wav', 'one'],
      ['in/b.wav', 'two'],
      ['in/readme.txt', 'no'],
      ['x.wav', 'no'],
    ]) {
      await s3.send(new PutObjectCommand({ Bucket: 'calls', Key, Body }));
    }
    expect((await attributes(queue)).visible).toBeGreaterThanOrEqual(4);
    const outcomes: string[] = [];
    const onOutcome: QueueRequest['onOutcome'] = async ({ status, result }) =>
      void outcomes.push(`${status} ${result}`);
    const worker = deps();
    await transcribeQueue(request(queue, { onOutcome }), worker);
    expect(outcomes.sort()).toEqual(['stored s3://texts/done/a b+ü.wav.jsonl', 'stored s3://texts/done/b.wav.jsonl']);
    expect(await text('done/a b+ü.wav.jsonl')).toMatchObject({ text: 'one', source: 's3://calls/in/a b+ü.wav' });
    expect(await attributes(queue)).toMatchObject({ visible: 0, away: 0 });
    expect(worker.said.join('\n')).not.toContain('redrive');

    await s3.send(new PutObjectCommand({ Bucket: 'calls', Key: 'in/bad.wav', Body: 'BAD' }));
    expect(await transcribeQueue(request(queue), deps())).toEqual({ handled: 0, left: 1 });
    expect(await attributes(queue)).toMatchObject({ visible: 0, away: 1 });
    expect(await text('done/errors.jsonl')).toMatchObject({ source: 's3://calls/in/bad.wav' });
  });

  test('a message under work is kept from others for longer than they would wait, and comes back from a dead worker', async () => {
    const url = await makeQueue('beats');
    await s3.send(new PutObjectCommand({ Bucket: 'calls', Key: 'in/long.wav', Body: 'long' }));
    const queue = createQueue({ region }, url);
    const { SendMessageCommand } = await import('@aws-sdk/client-sqs');
    const { created } = await import('../../support/recordings/fake-queue.js');
    const MessageBody = JSON.stringify(created(['calls', 'in/long.wav']));
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
    const { signal } = new AbortController();
    // A worker that takes the message and is never heard of again.
    expect(await queue.receive({ atMost: 1, visibilityS: 1, waitS: 1, signal })).toHaveLength(1);

    const seenByOthers: number[] = [];
    const engine = fakeEngine(async () => {
      // Three times as long as nobody else would get it without a sign of life.
      for (let n = 0; n < 3; n += 1) {
        seenByOthers.push((await queue.receive({ atMost: 1, visibilityS: 1, waitS: 2, signal })).length);
      }
    });
    const worker = deps(engine);
    const store = openBucketStore('s3://texts/beats', createS3Objects({ region }), Date.now);
    const of = { ...request(url), queue, store, format: 'jsonl', watch: createWatch([], 's3://texts/beats') } as const;
    const limits = { visibilityS: 2, maxReceives: undefined, concurrency: 1, stop: signal };
    const session = { model: 'fake', offline: true, concurrency: 1, signal };
    const summary = await withModel(session, worker, (process) =>
      runWorker({ ...of, ...limits }, { ...worker, ...process }),
    );
    expect({ summary, seenByOthers }).toEqual({ summary: { handled: 1, left: 0 }, seenByOthers: [0, 0, 0] });
    expect(await attributes(url)).toMatchObject({ visible: 0, away: 0 });
  });

  test('a queue that is not there is said before any model is loaded', async () => {
    const worker = { ...deps(), speechModel: () => Promise.reject(new Error('not yet')) };
    const missing = `${moto.url}/123456789012/never-was`;
    expect(await errorOf(() => transcribeQueue(request(missing), worker))).toMatchObject({ code: 'QUEUE_MISSING' });
  });
});
