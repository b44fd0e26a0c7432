import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateTopicCommand, GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ApplyResult } from '../../../src/lib/monitoring/alarms/apply.js';
import { AlarmsBench } from '../../support/alarms-bench.js';
import { everythingProvisioned } from '../../support/alarms-project.js';
import { hasMoto } from '../../support/moto.js';

const queueArn = 'arn:aws:sqs:us-east-1:123456789012:on-call';
const pagerUrl = 'https://events.example.com/integration/0123456789abcdef0123456789abcdef/enqueue';
const changed = ({ alarms }: ApplyResult) => alarms.filter(({ action }) => action !== 'unchanged');
const composite = 'demo-slo-availability-page';

describe.skipIf(!hasMoto)('alarms against moto', () => {
  let bench: AlarmsBench;
  beforeAll(async () => {
    bench = await AlarmsBench.create({ PAGER_URL: pagerUrl });
  });
  beforeEach(async () => {
    await bench.reset();
  });
  afterAll(() => bench?.dispose());

  test('apply, apply again, edit and delete; what belongs to others stays', async () => {
    const cloudWatch = new CloudWatchClient(bench.settings);
    const others = { Namespace: 'N', MetricName: 'M', Statistic: 'Sum', Period: 60, EvaluationPeriods: 1 } as const;
    for (const AlarmName of ['demo-of-others', 'demo-eu-LambdaErrorAlarm']) {
      const compare = { Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' } as const;
      const Tags = [{ Key: 'mlops:project', Value: 'demo-eu' }];
      await cloudWatch.send(new PutMetricAlarmCommand({ AlarmName, ...others, ...compare, Tags }));
    }

    await bench.emit();
    await bench.configure(`{ subscribe: [sre@example.com, '${queueArn}', 'env://PAGER_URL'] }`);
    const first = await bench.cli<ApplyResult>(0, 'apply');
    expect(first).toMatchObject({ action: 'apply', skipped: [], topic: { action: 'create', owner: 'mlops' } });
    expect(first.subscriptions.map(({ endpoint }) => endpoint)).toEqual([
      'sre@example.com',
      queueArn,
      'env://PAGER_URL',
    ]);
    expect(changed(first).every(({ action }) => action === 'create')).toBe(true);
    const names = first.alarms.map(({ name }) => name);
    expect(await bench.alarmNames()).toEqual([...names, 'demo-of-others', 'demo-eu-LambdaErrorAlarm'].sort());
    const found = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: ['demo-LambdaErrorAlarm'] }));
    expect(found.MetricAlarms?.[0]).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: 'demo-transcribe' }],
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      AlarmActions: [first.topic.arn],
    });
    expect((await bench.keyOf(first.topic.arn))?.KeyManager).toBe('CUSTOMER');

    const again = await bench.cli<ApplyResult>(0, 'apply', '--dry-run', '--detailed-exitcode');
    expect(again).toMatchObject({ action: 'plan', hasChanges: false });
    expect(await bench.apply()).toMatchObject({ action: 'none', hasChanges: false });
    const listed = await bench.list();
    expect(listed.alarms.map(({ name }) => name).sort()).toEqual([...names].sort());
    expect(listed.topic.subscriptions?.map(({ endpoint }) => endpoint)).toContain('https://events.example.com/[...]');

    await bench.configure('{ queue: { age: 2h }, lambda: { throttles: false } }');
    const edited = await bench.cli<ApplyResult>(3, 'apply', '--dry-run', '--detailed-exitcode');
    expect(changed(edited).map(({ name, action, fields }) => [name, action, fields.map(({ field }) => field)])).toEqual(
      [
        ['demo-QueueAgeAlarm', 'update', ['AlarmDescription', 'Threshold']],
        ['demo-LambdaThrottleAlarm', 'delete', []],
        ['demo-LambdaThrottleAlarm-load', 'delete', []],
      ],
    );
    expect(edited.subscriptions.every(({ action }) => action === 'other')).toBe(true);
    expect(await bench.cli<object>(2, 'apply')).toMatchObject({ error: { code: 'CONFIRMATION_REQUIRED' } });
    const applied = await bench.apply({ prune: true });
    expect(applied.subscriptions.map(({ action }) => action)).toEqual(['delete', 'delete', 'delete']);
    expect(await bench.alarmNames()).not.toContain('demo-LambdaThrottleAlarm');
    expect((await bench.list()).topic.subscriptions).toEqual([]);

    const key = await bench.keyOf(first.topic.arn);
    expect(await bench.cli<object>(0, 'delete', '--topic', '--yes')).toMatchObject({ action: 'delete' });
    expect(await bench.alarmNames()).toEqual(['demo-eu-LambdaErrorAlarm', 'demo-of-others']);
    expect(await bench.list()).toMatchObject({ alarms: [], topic: { exists: false } });
    const kms = new KMSClient(bench.settings);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key?.Arn ?? '' }));
    expect(KeyMetadata?.DeletionDate).toBeInstanceOf(Date);
    expect(await bench.apply()).toMatchObject({ action: 'apply', topic: { action: 'create' } });
  });

  test('a composite that is tested is heard in the queue and is as it was; a child is silent', async () => {
    const sqs = new SQSClient(bench.settings);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'on-call' }));
    await bench.emit();
    await bench.configure(`{ subscribe: ['${queueArn}'] }`);
    await bench.apply();
    const rung = await bench.cli<object>(0, 'test', 'slo-availability-page');
    expect(rung).toMatchObject({
      name: composite,
      kind: 'composite',
      outcome: 'delivered',
      restored: 'OK',
      pending: 0,
    });
    const heard: unknown[] = [];
    while (heard.length < 3) {
      const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 });
      const { Messages = [] } = await sqs.send(receive);
      for (const { Body = '' } of Messages) {
        const { Message } = JSON.parse(Body) as { Message: string };
        const { AlarmName, NewStateValue } = JSON.parse(Message) as Record<string, string>;
        if (AlarmName === composite) heard.push(NewStateValue);
      }
    }
    // The first is its evaluation after it was made.
    expect(heard).toEqual(['OK', 'ALARM', 'OK']);
    const after = (await bench.list()).alarms.find(({ name }) => name === composite);
    expect(after).toMatchObject({ state: 'OK', since: expect.stringMatching(/^20/) as string });
    const child = await bench.test('slo-availability-burn-1h-page');
    expect(child).toMatchObject({ outcome: 'silent', partOf: [composite] });
    await expect(bench.delete(['slo-availability-burn-1h-page'])).rejects.toMatchObject({ code: 'ALARM_NEEDED' });
    expect(await bench.delete(['LambdaErrorAlarm'])).toMatchObject({ alarms: ['demo-LambdaErrorAlarm'] });
    expect(await bench.alarmNames()).not.toContain('demo-LambdaErrorAlarm');
  });

  test('an alarm comes with its metric, not before it', async () => {
    await bench.configure('{}');
    // With one more dimension it is another metric, and no alarm would ever see it.
    await bench.emit({ more: { Pod: 'demo-0' } });
    const early = await bench.cli<ApplyResult>(0, 'apply');
    expect(early.skipped.map(({ group }) => group)).toEqual(['warehouse', 'slo']);
    expect((await bench.alarmNames()).filter((name) => /slo|Warehouse/.test(name))).toEqual([]);
    await bench.configure('{ slo: [latency] }');
    expect(await bench.cli<object>(2, 'apply')).toMatchObject({ error: { code: 'SLO_NO_SOURCE' } });
    await bench.emit({ slos: ['latency'] });
    const later = await bench.apply();
    expect(later.skipped).toEqual([]);
    const names = await bench.alarmNames();
    expect(names).toEqual(expect.arrayContaining(['demo-WarehouseLoadAlarm', 'demo-slo-latency-page']));
    expect(names.some((name) => name.includes('availability'))).toBe(false);
  });

  test('pages go to the topic of pages as well, tickets do not', async () => {
    const sqs = new SQSClient(bench.settings);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'on-call' }));
    await bench.emit();
    await bench.configure(`{ subscribe: [team@example.com], page: { subscribe: ['${queueArn}'] } }`);
    const { channels } = await bench.apply();
    expect(channels.map(({ severity, topic }) => [severity, topic.name])).toEqual([['page', 'demo-alarms-page']]);
    expect(await bench.apply()).toMatchObject({ action: 'none' });
    expect((await bench.test('DeadLetterAlarm')).actions).toHaveLength(1);
    const page = await bench.test('slo-availability-page');
    expect(page).toMatchObject({ outcome: 'delivered', actions: [{ succeeded: true }, { succeeded: true }] });
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    const about = Messages.map(({ Body = '' }) => {
      const { Message } = JSON.parse(Body) as { Message: string };
      return (JSON.parse(Message) as { AlarmName: string }).AlarmName;
    });
    expect(about.length).toBeGreaterThan(0);
    expect(about.every((name) => name.endsWith('-page'))).toBe(true);
    const listed = await bench.list();
    expect(listed.channels[0]).toMatchObject({ severity: 'page', exists: true });
    expect(await bench.delete([], { topic: true })).toMatchObject({
      topics: [listed.topic.arn, `${listed.topic.arn}-page`],
    });
  });

  test('a topic that Terraform made is used as it is; a test says when CloudWatch may not publish to it', async () => {
    const sns = new SNSClient(bench.settings);
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'demo-alarms' }));
    const before = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    await bench.configure('{ slo: false, eks: false }', { ...everythingProvisioned, alarm_topic_arn: TopicArn });
    expect(await bench.apply()).toMatchObject({ action: 'apply', topic: { action: 'use', owner: 'terraform' } });
    const after = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(after.Attributes).toEqual(before.Attributes);
    const failed = await bench.test('DeadLetterAlarm');
    expect(failed).toMatchObject({ outcome: 'failed', restored: 'OK' });
    expect(failed.actions[0]?.message).toContain('not authorized');
  });
});
