import { expect, test } from 'vitest';
import { testLines } from '../../../../src/lib/monitoring/alarms/result-lines.js';
import { testAlarm } from '../../../../src/lib/monitoring/alarms/test.js';
import type { AlarmHistoryItem, FoundAlarm, StateValue } from '../../../../src/lib/platform/aws/alarm-types.js';
import { loadProject } from '../../../../src/lib/project/project.js';
import { alarmsDeps, writeAlarmsProject } from '../../../support/alarms-project.js';
import { errorOf } from '../../../support/errors.js';
import { fakeAws } from '../../../support/fake-aws.js';
import { tempDir } from '../../../support/temp-dir.js';

const topic = 'arn:aws:sns:us-east-1:123456789012:demo-alarms';
const tags = { 'mlops:project': 'demo', 'mlops:managed-by': 'mlops-alarms' };

async function bench(state: StateValue, history: (call: number) => AlarmHistoryItem[]) {
  const dir = await tempDir();
  await writeAlarmsProject(dir, '{}');
  const states: string[] = [];
  let calls = 0;
  let now = Date.parse('2026-01-01T00:00:00Z');
  const alarm: FoundAlarm = {
    kind: 'metric',
    input: {
      AlarmName: 'demo-X',
      AlarmActions: [topic],
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanThreshold',
    },
    arn: 'arn:x',
    state: { value: state, reason: 'because', since: new Date(now) },
  };
  const aws = fakeAws({
    sts: { callerIdentity: async () => ({ account: '123456789012', arn: 'arn:me' }) },
    cloudwatch: {
      alarms: async () => [alarm],
      alarmTags: async () => tags,
      setAlarmState: async (_name, value) => void states.push(value),
      alarmHistory: async () => history(calls++),
    },
    sns: { subscriptions: async () => [{ protocol: 'email', endpoint: 'a@example.com', arn: undefined }] },
  });
  const sleep = async (ms: number) => {
    now += ms;
  };
  const deps = alarmsDeps({ aws: () => aws, now: () => now, sleep });
  return { states, run: async () => testAlarm({ project: await loadProject(dir), name: 'X', timeoutMs: 5_000 }, deps) };
}

const action = (summary: string, at = 0): AlarmHistoryItem => ({ type: 'Action', at: new Date(at), summary });

test('what the history had before is not taken for the answer; a state without data is put back as well', async () => {
  const old = action('Successfully executed action of last week');
  const { run, states } = await bench('INSUFFICIENT_DATA', (call) =>
    call < 2 ? [old] : [old, action(`Successfully executed action ${topic}`, 1)],
  );
  const result = await run();
  expect(result).toMatchObject({ outcome: 'delivered', restored: 'INSUFFICIENT_DATA', pending: 1 });
  expect(result.actions).toEqual([{ succeeded: true, message: `Successfully executed action ${topic}` }]);
  expect(states).toEqual(['ALARM', 'INSUFFICIENT_DATA']);
  expect(
    testLines(result)
      .map(({ text }) => text)
      .join('\n'),
  ).toContain('not confirmed');
});

test('silence ends after the timeout, and the alarm is set back', async () => {
  const { run, states } = await bench('OK', () => []);
  expect(await run()).toMatchObject({ outcome: 'unseen' });
  expect(states).toEqual(['ALARM', 'OK']);
});

test('an alarm that is on is not tested', async () => {
  const { run, states } = await bench('ALARM', () => []);
  expect(await errorOf(run)).toMatchObject({ code: 'ALARM_IS_ON', exitCode: 1 });
  expect(states).toEqual([]);
});
