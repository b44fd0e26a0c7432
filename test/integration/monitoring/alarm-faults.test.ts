import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AlarmsBench } from '../../support/alarms-bench.js';
import type { Fault } from '../../support/aws-fault-proxy.js';
import { errorOf } from '../../support/errors.js';
import { hasMoto } from '../../support/moto.js';

const alarm = (action: string, ...faults: Fault[]) => faults.map((fault) => ({ call: `monitoring:${action}`, fault }));
const sns = (action: string, ...faults: Fault[]) => faults.map((fault) => ({ call: `sns:${action}`, fault }));

/** Throttling comes late in each command: adaptive retries go slowly from then on, as they should. */
const badDays = {
  apply: [
    ...alarm('DescribeAlarms', 'error', 'reset'),
    ...alarm('ListMetrics', 'error'),
    ...sns('GetTopicAttributes', 'error'),
    ...sns('CreateTopic', 'error', 'reset'),
    ...sns('Subscribe', 'hang', 'throttle'),
    ...alarm('PutMetricAlarm', 'hang', 'error'),
    ...alarm('PutCompositeAlarm', 'reset', 'error', 'throttle'),
  ],
  again: [
    ...sns('ListSubscriptionsByTopic', 'error', 'throttle'),
    ...alarm('ListTagsForResource', 'hang', 'error', 'throttle'),
  ],
  list: [...alarm('DescribeAlarms', 'hang', 'error'), ...sns('ListSubscriptionsByTopic', 'throttle')],
  test: [
    ...alarm('SetAlarmState', 'reset', 'error', 'hang'),
    ...alarm('DescribeAlarmHistory', 'error'),
    ...alarm('PutCompositeAlarm', 'error', 'throttle'),
  ],
  delete: [
    ...alarm('DescribeAlarms', 'hang'),
    ...alarm('DeleteAlarms', 'error', 'reset'),
    ...sns('DeleteTopic', 'throttle', 'error'),
  ],
} as const;

/** Few alarms, for adaptive retries go slowly after they were throttled: one pair of windows, and its composite. */
const few = `{ lambda: false, queue: false, eks: false, warehouse: false, slo: [fast], subscribe: [a@example.com] }
slos: [{ name: fast, sli: latency, threshold: 100ms, target: 99%, window: 2h }]`;

describe.skipIf(!hasMoto)('alarms when AWS has a bad day', () => {
  let bench: AlarmsBench;
  beforeAll(async () => {
    bench = await AlarmsBench.create({}, { requestMs: 1_000 });
  });
  beforeEach(async () => {
    await bench.reset();
    await bench.emit();
    await bench.configure(few);
  });
  afterAll(() => bench?.dispose());

  /** Every call of the list is refused once in each way; what the SDK did not repeat would be missing. */
  const during = async <T>(day: keyof typeof badDays, work: () => Promise<T>): Promise<T> => {
    bench.moto.faults.push(...badDays[day].map((rule) => ({ ...rule, times: 1 })));
    const result = await work();
    expect(bench.moto.faults.filter(({ times }) => times !== 0)).toEqual([]);
    return result;
  };

  test('throttling, errors, silence and broken connections that pass are waited out, by every command', async () => {
    expect(await during('apply', () => bench.apply())).toMatchObject({ action: 'apply' });
    expect(await during('again', () => bench.apply())).toMatchObject({ action: 'none' });
    expect((await during('list', () => bench.list())).alarms.length).toBe(5);
    const tested = await during('test', () => bench.test('slo-fast-page'));
    expect(tested).toMatchObject({ outcome: 'delivered', restored: 'OK' });
    expect(await during('delete', () => bench.delete([], { topic: true }))).toMatchObject({ action: 'delete' });
    expect(await bench.alarmNames()).toEqual([]);
  });

  test('a run that AWS ends half-way is completed by the next one, and nothing is made twice', async () => {
    bench.moto.faults.push({ call: 'monitoring:PutCompositeAlarm', fault: 'denied' });
    const denied = await errorOf(() => bench.apply());
    expect(denied).toMatchObject({ code: 'ACCESS_DENIED', exitCode: 1 });
    expect(bench.said.at(-1)).toMatch(/^\d+ of \d+ changes are made/);
    const half = await bench.alarmNames();
    expect(half).toContain('demo-slo-fast-burn-1h-page');
    expect(half).not.toContain('demo-slo-fast-page');
    bench.moto.faults.length = 0;
    const rest = await bench.apply();
    expect(rest.topic.action).toBe('unchanged');
    expect(rest.alarms.filter(({ action }) => action === 'create').map(({ name }) => name)).toEqual([
      'demo-slo-fast-page',
    ]);

    bench.moto.faults.push({ call: 'monitoring:DeleteAlarms', fault: 'expired' });
    expect(await errorOf(() => bench.delete([]))).toMatchObject({ code: 'CREDENTIALS_REFUSED', exitCode: 5 });
    bench.moto.faults.length = 0;
    expect(await bench.delete([])).toMatchObject({ action: 'delete' });
    expect(await bench.alarmNames()).toEqual([]);
  });

  test('a key whose alias could not be made is taken by the next run', async () => {
    const before = bench.moto.seen.length;
    bench.moto.faults.push({ call: 'kms:CreateAlias', fault: 'denied' });
    expect(await errorOf(() => bench.apply())).toMatchObject({ code: 'ACCESS_DENIED' });
    bench.moto.faults.length = 0;
    await bench.apply();
    expect(bench.moto.seen.slice(before).filter((call) => call === 'kms:CreateKey')).toHaveLength(1);
  });

  test('an alarm under test is set back although the history is refused', async () => {
    await bench.apply();
    bench.moto.faults.push({ call: 'monitoring:DescribeAlarmHistory', fault: 'denied' });
    await expect(bench.test('slo-fast-page')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    const states = (await bench.list()).alarms.map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(['OK']));
  });

  test('what never passes is an error that names call and resource', async () => {
    bench.moto.faults.push({ call: 'sns:CreateTopic', fault: 'denied' });
    const error = await errorOf(() => bench.apply());
    expect(error.message).toContain('sns:CreateTopic on demo-alarms');
    expect(await bench.alarmNames()).toEqual([]);
  });
});
