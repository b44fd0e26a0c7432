import { describe, expect, test } from 'vitest';
import { OperationError } from '../../../../src/lib/base/errors/mlops-error.js';
import { silentReporter } from '../../../../src/lib/base/progress/reporter.js';
import { planChannels, topicsOf } from '../../../../src/lib/monitoring/alarms/channels.js';
import { deleteAlarms } from '../../../../src/lib/monitoring/alarms/delete.js';
import { planLines } from '../../../../src/lib/monitoring/alarms/plan/lines.js';
import { summarize } from '../../../../src/lib/monitoring/alarms/plan/summary.js';
import type { Site } from '../../../../src/lib/monitoring/alarms/site.js';
import { runInOrder } from '../../../../src/lib/monitoring/alarms/steps.js';
import { publicLabel, readSubscribers } from '../../../../src/lib/monitoring/alarms/topic/subscribers.js';
import { applySubscription, planSubscriptions } from '../../../../src/lib/monitoring/alarms/topic/subscriptions.js';
import { chooseTopic, planTopic as planChosen } from '../../../../src/lib/monitoring/alarms/topic/topic.js';
import { parseProject } from '../../../../src/lib/project/parse.js';
import { alarmsDeps, writeAlarmsProject } from '../../../support/alarms-project.js';
import { errorOf } from '../../../support/errors.js';
import { type FakeAws, fakeAws } from '../../../support/fake-aws.js';
import { tempDir } from '../../../support/temp-dir.js';

const pager = 'https://events.example.com/integration/0123456789abcdef0123456789abcdef/enqueue';
const sources = { env: { PAGER: `${pager}\n`, SLACK: 'https://hooks.slack.com/services/T0/B0/x' }, baseDir: '/' };
const own = 'arn:aws:sns:us-east-1:123456789012:demo-alarms';

const planTopic = (at: Site) => planChosen(at, chooseTopic(at));

function site(doors: FakeAws, yaml = 'name: demo\n', outputs: Record<string, unknown> = {}): Site {
  const project = { file: undefined, dir: '/nowhere', config: parseProject(yaml) };
  const place = { name: 'demo', region: 'us-east-1', account: '123456789012', partition: 'aws' };
  return { ...place, project, outputs, aws: fakeAws(doors) };
}

describe('subscribers', () => {
  test('a reference is resolved, told by its name, and never printed', async () => {
    const [subscriber] = await readSubscribers(['env://PAGER'], sources);
    expect(subscriber?.protocol).toBe('https');
    expect(subscriber?.endpoint.reveal()).toBe(pager);
    expect(JSON.stringify(subscriber)).not.toContain('0123456789');
    expect(publicLabel('https', pager)).toBe('https://events.example.com/[...]');
  });

  test('a Slack webhook is refused: it could never confirm', async () => {
    expect(await errorOf(() => readSubscribers(['env://SLACK'], sources))).toMatchObject({ code: 'SLACK_WEBHOOK' });
  });

  test.each([
    [`subscribe: ['${pager}']`, /looks as if it held a secret/],
    ["subscribe: ['https://user:pass@example.com/']", /looks as if it held a secret/],
    ['subscribe: [nobody]', /expected an email address/],
    ["topic: 'two words'", /name or the ARN/],
    ['key: alias/aws/sns', /keys that AWS manages/],
    ['lambda: { duration: 5 }', /alarms.lambda/],
  ])('mlops.yaml: alarms: { %s } is refused, and a secret in it is not repeated', async (text, expected) => {
    const error = await errorOf(() => parseProject(`alarms: { ${text} }`));
    expect(error.why).toMatch(expected);
    expect(error.why).not.toMatch(/0123456789|pass@/);
  });

  test('who is subscribed already stays, others are left alone unless they are pruned', async () => {
    const wanted = await readSubscribers(['a@example.com', 'b@example.com', 'env://PAGER'], sources);
    const known = [
      { protocol: 'email', endpoint: 'a@example.com', arn: undefined },
      { protocol: 'https', endpoint: pager, arn: 'arn:1' },
      { protocol: 'sqs', endpoint: 'arn:q', arn: 'arn:2' },
      { protocol: 'email', endpoint: 'old@example.com', arn: undefined },
    ];
    const topic = { owner: 'mlops', arn: own } as const;
    const actions = (prune: boolean) =>
      planSubscriptions(topic, wanted, known, { prune }).map(({ change }) => [
        change.endpoint,
        change.action,
        change.pending,
      ]);
    const ours = [
      ['a@example.com', 'unchanged', true],
      ['b@example.com', 'create', true],
      ['env://PAGER', 'unchanged', false],
    ];
    expect(actions(false)).toEqual([...ours, ['arn:q', 'other', false], ['old@example.com', 'other', true]]);
    expect(actions(true)).toEqual([...ours, ['arn:q', 'delete', false], ['old@example.com', 'other', true]]);
    const others = await errorOf(() => planSubscriptions({ owner: 'others', arn: own }, wanted, [], { prune: false }));
    expect(others.code).toBe('TOPIC_OF_OTHERS');
  });

  test('an error of SNS does not carry the endpoint on', async () => {
    const wanted = await readSubscribers(['env://PAGER'], sources);
    const [planned] = planSubscriptions({ owner: 'mlops', arn: own }, wanted, [], { prune: false });
    const { sns } = fakeAws({
      sns: {
        subscribe: () => Promise.reject(new OperationError(`bad ${pager}`, { code: 'X', why: `Endpoint ${pager}` })),
      },
    });
    if (planned === undefined) throw new Error('nothing planned');
    const error = await errorOf(() => applySubscription(own, planned, sns));
    expect(error.why).toBe('Endpoint [redacted]');
    expect(`${error.message}${error.stack}`).not.toContain('0123456789');
  });
});

describe('the topic', () => {
  const taken = { arn: own, key: 'alias/aws/sns', policy: '{}', tags: {} };

  test('one of our name that somebody else made is refused', async () => {
    const error = await errorOf(() => planTopic(site({ sns: { topic: async () => taken } })));
    expect(error).toMatchObject({ code: 'TOPIC_NOT_OURS', exitCode: 2 });
    expect(error.actions[0]).toContain(own);
  });

  test('ours is corrected when its policy or its key is another', async () => {
    const tags = { 'mlops:project': 'demo', 'mlops:managed-by': 'mlops-alarms' };
    const keyArn = async (name: string) => (name === 'alias/demo-platform' ? 'arn:key' : undefined);
    const plan = await planTopic(site({ sns: { topic: async () => ({ ...taken, tags }) }, kms: { keyArn } }));
    expect(plan.action).toBe('update');
    expect(plan.fields.map(({ field, to }) => [field, typeof to])).toEqual([
      ['Policy', 'object'],
      ['KmsMasterKeyId', 'string'],
    ]);
  });

  test('the topic of the infrastructure is taken unless mlops.yaml names another; one by ARN is that of others', async () => {
    const doors = { sns: { topic: async (arn: string) => ({ ...taken, arn }) } };
    const outputs = { alarm_topic_arn: own };
    expect(await planTopic(site(doors, 'name: demo\n', outputs))).toMatchObject({ owner: 'terraform', action: 'use' });
    const shared = 'arn:aws:sns:us-east-1:123456789012:shared';
    const yaml = `name: demo\nalarms: { topic: '${shared}' }\n`;
    expect(await planTopic(site(doors, yaml, outputs))).toMatchObject({ arn: shared, owner: 'others' });
    const gone = await errorOf(() => planTopic(site({ sns: { topic: async () => undefined } }, yaml)));
    expect(gone.code).toBe('TOPIC_MISSING');
  });
});

describe('topics of one severity', () => {
  const yaml = `name: demo
alarms: { subscribe: [team@example.com], page: { subscribe: ['env://PAGER'] }, ticket: { topic: '${own}-of-others' } }
`;
  const options = { prune: false, sources };
  const there = { arn: '', key: 'k', policy: '{}', tags: {} };
  const topic = async (arn: string) => (arn.endsWith('others') ? { ...there, arn } : undefined);

  test('are made beside the one of all, each with its own subscribers; one by ARN is left to others', async () => {
    const channels = await planChannels(site({ sns: { topic } }, yaml), options);
    const told = channels.map(({ severity, topic: { arn, action }, subscriptions }) => {
      return [severity, arn, action, subscriptions.map(({ change }) => change.endpoint)];
    });
    expect(told).toEqual([
      [undefined, own, 'create', ['team@example.com']],
      ['page', `${own}-page`, 'create', ['env://PAGER']],
      ['ticket', `${own}-of-others`, 'use', []],
    ]);
    expect(topicsOf(channels)).toEqual({ all: own, page: `${own}-page`, ticket: `${own}-of-others` });
    const lines = planLines(summarize({ channels, alarms: [] })).map(({ text }) => text);
    expect(lines).toContain(`+ topic ${own}-page (page)`);
    expect(lines.at(-1)).toBe('4 to create, 0 to update, 0 to delete, 1 unchanged');
  });

  test.each([
    ['{ topic: demo-alarms, page: { topic: demo-alarms } }', {}, 'alarms.topic and alarms.page.topic'],
    ['{ page: { topic: demo-alarms } }', { alarm_topic_arn: own }, 'alarms.topic and alarms.page.topic'],
    ['{ page: { topic: both }, ticket: { topic: both } }', {}, 'alarms.page.topic and alarms.ticket.topic'],
    [`{ page: { topic: '${own}' } }`, {}, 'alarms.topic and alarms.page.topic'],
  ])('with the topic of another are refused: %s %j', async (alarms, outputs, settings) => {
    const at = site({ sns: { topic } }, `name: demo\nalarms: ${alarms}\n`, outputs);
    const error = await errorOf(() => planChannels(at, options));
    expect(error).toMatchObject({ code: 'TOPIC_TWICE', exitCode: 2, message: `${settings} are the same topic` });
  });

  test('without them there is one topic, as ever', async () => {
    const channels = await planChannels(site({ sns: { topic } }), options);
    expect(channels.map(({ severity }) => severity)).toEqual([undefined]);
    expect(topicsOf(channels)).toEqual({ all: own });
  });

  test('are deleted with the topic of all, also when mlops.yaml no longer mentions them', async () => {
    const dir = await tempDir();
    const project = await writeAlarmsProject(dir, '{}', {});
    const tags = { 'mlops:project': 'demo', 'mlops:managed-by': 'mlops-alarms' };
    const aws = fakeAws({
      sts: { callerIdentity: async () => ({ account: '123456789012', arn: 'arn:me' }) },
      cloudwatch: { alarms: async () => [] },
      sns: { topic: async (arn) => (arn.endsWith('-ticket') ? undefined : { ...there, arn, tags }) },
      kms: { keyArn: async () => undefined },
    });
    const result = await deleteAlarms(
      { project, names: [], topic: true, dryRun: true },
      alarmsDeps({ aws: () => aws }),
    );
    expect(result.topics).toEqual([own, `${own}-page`]);
  });
});

test('Ctrl-C ends between two changes and says how far it came', async () => {
  const controller = new AbortController();
  const done: string[] = [];
  const work = ['a', 'b', 'c'].map((title) => ({
    title,
    run: async () => {
      done.push(title);
      if (title === 'b') controller.abort();
    },
  }));
  const error = await errorOf(() =>
    runInOrder('Applying', work, { reporter: silentReporter, stop: controller.signal }),
  );
  expect(error).toMatchObject({ code: 'INTERRUPTED', exitCode: 130, why: expect.stringContaining('2 of 3') as string });
  expect(done).toEqual(['a', 'b']);
});
