import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../src/lib/base/errors/mlops-error.js';
import type { Facts } from '../../../../src/lib/monitoring/alarms/facts.js';
import { wantedAlarms, withActions } from '../../../../src/lib/monitoring/alarms/wanted.js';
import type { MetricAlarmInput } from '../../../../src/lib/platform/aws/alarm-types.js';
import { parseProject } from '../../../../src/lib/project/parse.js';
import { errorOf } from '../../../support/errors.js';

const facts: Facts = {
  functions: [
    { name: 'demo-transcribe', suffix: '', timeoutSeconds: 300 },
    { name: 'demo-load', suffix: '-load', timeoutSeconds: 900 },
  ],
  queues: { recordings: 'demo-recordings', deadLetter: 'demo-recordings-dead-letter' },
  cluster: { name: 'demo', namespace: 'ml', workload: 'demo', hasInsights: true },
  hasWarehouse: true,
  sloSite: { name: 'demo', target: 'eks', namespace: 'ml', components: ['cloudwatch'] },
};
const nothing: Facts = {
  functions: [],
  queues: { recordings: undefined, deadLetter: undefined },
  cluster: undefined,
  hasWarehouse: false,
  sloSite: { name: 'demo', target: 'eks', namespace: undefined, components: [] },
};

const wanted = (alarms: string, from: Facts = facts) =>
  wantedAlarms(parseProject(`name: demo\nalarms: ${alarms}\n`), from);
const byName = (alarms: string, name: string) => {
  const found = wanted(alarms).alarms.find(({ input }) => input.AlarmName === name);
  return found?.input as MetricAlarmInput | undefined;
};

describe('what is watched', () => {
  test('every alarm is named after the project, and once', () => {
    const names = wanted('{}').alarms.map(({ input }) => input.AlarmName);
    expect(names.filter((name) => !name.startsWith('demo-'))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['demo-LambdaErrorAlarm', 'demo-LambdaErrorAlarm-load']));
  });

  test('the limits of CloudWatch hold for each: one metric or at most 20 queries, one of them returned, evaluation within a week', () => {
    for (const { kind, input } of wanted('{}').alarms) {
      if (kind === 'composite') {
        expect(input.AlarmRule?.length).toBeLessThanOrEqual(10_240);
        continue;
      }
      const { Metrics = [], MetricName, Period = 0, EvaluationPeriods = 1 } = input;
      expect(Metrics.length === 0).toBe(MetricName !== undefined);
      const longest = Math.max(Period, ...Metrics.map(({ MetricStat }) => MetricStat?.Period ?? 0));
      const limit = longest < 3600 ? 86_400 : 604_800;
      expect(longest * (EvaluationPeriods ?? 1)).toBeLessThanOrEqual(limit);
      if (Metrics.length > 0) expect(Metrics.filter(({ ReturnData }) => ReturnData !== false)).toHaveLength(1);
      expect(Metrics.length).toBeLessThanOrEqual(20);
      expect(input.AlarmDescription?.length).toBeLessThanOrEqual(1024);
    }
  });

  test('a composite names alarms that come with it', () => {
    const { alarms } = wanted('{}');
    const names = alarms.map(({ input }) => input.AlarmName);
    const rules = alarms.flatMap(({ kind, input }) => (kind === 'composite' ? [input.AlarmRule ?? ''] : []));
    expect(rules).toHaveLength(4);
    const children = rules.flatMap((rule) => [...rule.matchAll(/ALARM\("([^"]+)"\)/g)].map(([, name]) => name));
    expect(children.filter((name) => !names.includes(name ?? ''))).toEqual([]);
  });

  test('the duration alarm follows the timeout, and the percentage of mlops.yaml', () => {
    expect(byName('{}', 'demo-LambdaDurationAlarm')).toMatchObject({ Statistic: 'Maximum', Threshold: 240_000 });
    expect(byName('{ lambda: { duration: 50% } }', 'demo-LambdaDurationAlarm-load')?.Threshold).toBe(450_000);
    expect(byName('{ lambda: { duration: false } }', 'demo-LambdaDurationAlarm')).toBeUndefined();
    expect(byName('{ eks: { cpu: 92.5%, restarts: 5 } }', 'demo-NodeCpuAlarm')?.Threshold).toBe(92.5);
    expect(byName('{ eks: { restarts: 5 } }', 'demo-PodRestartAlarm')).toMatchObject({
      Namespace: 'ContainerInsights',
      Statistic: 'Sum',
      Threshold: 5,
      Dimensions: [
        { Name: 'ClusterName', Value: 'demo' },
        { Name: 'Namespace', Value: 'ml' },
        { Name: 'PodName', Value: 'demo' },
      ],
    });
  });

  test('only those notify that are not part of a composite', () => {
    const all = withActions(wanted('{}').alarms, 'arn:topic');
    const silent = all.filter(({ input }) => input.ActionsEnabled === false).map(({ input }) => input.AlarmName);
    expect(silent.every((name) => /-burn-|-no-data$/.test(name))).toBe(true);
    expect(silent).toHaveLength(18);
    expect(all.filter(({ input }) => input.AlarmActions?.[0] === 'arn:topic')).toHaveLength(all.length - silent.length);
  });
});

describe('alarms without a source', () => {
  test('are left out with a reason when nobody asked for them', () => {
    const { alarms, skipped } = wanted('{}', nothing);
    expect(alarms).toEqual([]);
    expect(skipped.map(({ group }) => group)).toEqual(['lambda', 'queue', 'eks', 'warehouse', 'slo']);
  });

  test('are refused when mlops.yaml asks for them, all in one error', async () => {
    const error = await errorOf(() =>
      wanted('{ lambda: true, eks: { cpu: 70% }, slo: [latency], queue: false }', nothing),
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(error.code).toBe('ALARM_WITHOUT_SOURCE');
    expect(error.message).toContain('alarms.lambda and alarms.eks and alarms.slo');
    expect(error.why).toContain('component cloudwatch');
    const cluster = { name: 'mine', namespace: 'ml', workload: 'demo', hasInsights: false };
    const blind = await errorOf(() => wanted('{ eks: true }', { ...nothing, cluster }));
    expect(blind.actions[0]).toContain('amazon-cloudwatch-observability');
  });

  test('an SLO that is not there is a mistake, whatever its source', async () => {
    expect(await errorOf(() => wanted('{ slo: [speed] }', nothing))).toMatchObject({ code: 'SLO_UNKNOWN' });
  });
});
