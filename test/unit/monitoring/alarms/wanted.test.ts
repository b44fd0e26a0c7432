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
  warehouse: { hasLoadFunction: true, hasWarehouse: true, metrics: new Set(['LoadsFailed', 'LoadsRefused']) },
  slos: {
    site: { name: 'demo', target: 'eks', namespace: 'ml', components: ['cloudwatch'] },
    counted: new Set(['availability', 'latency']),
  },
  made: new Set(),
};
const nothing: Facts = {
  functions: [],
  queues: { recordings: undefined, deadLetter: undefined },
  cluster: undefined,
  warehouse: { hasLoadFunction: false, hasWarehouse: false, metrics: new Set() },
  slos: {
    site: { name: 'demo', target: 'eks', namespace: undefined, components: [] },
    counted: new Set(),
  },
  made: new Set(),
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
    const all = withActions(wanted('{}').alarms, { all: 'arn:topic' });
    const silent = all.filter(({ input }) => input.ActionsEnabled === false).map(({ input }) => input.AlarmName);
    expect(silent.every((name) => /-burn-|-slo-.+-no-data$/.test(name))).toBe(true);
    expect(silent).toHaveLength(18);
    expect(all.filter(({ input }) => input.AlarmActions?.[0] === 'arn:topic')).toHaveLength(all.length - silent.length);
  });
});

describe('severities', () => {
  const severityOf = (alarms: string) =>
    Object.fromEntries(wanted(alarms).alarms.map(({ input, severity }) => [input.AlarmName, severity]));

  test('what users feel is a page, causes are tickets, and a group may be given the other', () => {
    const pages = Object.entries(severityOf('{}')).filter(([, severity]) => severity === 'page');
    expect(pages.map(([name]) => name)).toEqual([
      'demo-PodCrashLoopAlarm',
      'demo-slo-no-data',
      'demo-slo-availability-page',
      'demo-slo-latency-page',
    ]);
    const changed = severityOf('{ queue: { severity: page }, eks: { severity: ticket } }');
    expect(changed).toMatchObject({ 'demo-QueueAgeAlarm': 'page', 'demo-PodCrashLoopAlarm': 'ticket' });
  });

  test('each publishes to the topic of all and to that of its severity, if there is one', () => {
    const all = withActions(wanted('{}').alarms, { all: 'arn:all', page: 'arn:page' });
    const actions = (name: string) => all.find(({ input }) => input.AlarmName === name)?.input.AlarmActions;
    expect(actions('demo-slo-latency-page')).toEqual(['arn:all', 'arn:page']);
    expect(actions('demo-slo-latency-ticket')).toEqual(['arn:all']);
    expect(actions('demo-slo-latency-burn-1h-page')).toEqual([]);
  });
});

describe('a cluster', () => {
  test('restarts are counted over an hour: the kubelet waits up to five minutes before each', () => {
    const restarts = byName('{}', 'demo-PodRestartAlarm');
    const { Period = 0, EvaluationPeriods = 0, Threshold = 0 } = restarts ?? {};
    // 10 s, doubled each time, at most 300 s, and reset after ten minutes without a crash.
    const waits = Array.from({ length: 40 }, (_, index) => Math.min(10 * 2 ** index, 300));
    const within = waits.filter((_, at) => waits.slice(10, 11 + at).reduce((a, b) => a + b, 0) <= Period).length;
    expect(EvaluationPeriods).toBe(1);
    expect(within).toBeGreaterThan(Threshold);
  });

  test('crash loops, and pods that are not ready throughout, by the names of Container Insights', () => {
    expect(byName('{}', 'demo-PodCrashLoopAlarm')).toMatchObject({
      MetricName: 'pod_container_status_waiting_reason_crash_loop_back_off',
      Statistic: 'Maximum',
      Threshold: 0,
    });
    expect(byName('{}', 'demo-PodNotReadyAlarm')).toMatchObject({
      MetricName: 'status_replicas_unavailable',
      Statistic: 'Minimum',
      EvaluationPeriods: 3,
    });
    const off = '{ eks: { crashLoop: false, notReady: false } }';
    expect(byName(off, 'demo-PodCrashLoopAlarm') ?? byName(off, 'demo-PodNotReadyAlarm')).toBeUndefined();
  });

  test('one full node among idle ones is seen', () => {
    for (const name of ['demo-NodeCpuAlarm', 'demo-NodeMemoryAlarm']) {
      expect(byName('{}', name)).toMatchObject({ Statistic: 'Maximum', Period: 60, EvaluationPeriods: 15 });
    }
  });
});

describe('alarms without a source', () => {
  const loads = { hasLoadFunction: true, hasWarehouse: true, metrics: new Set<string>() };
  const names = (from: Facts, alarms = '{}') => wanted(alarms, from).alarms.map(({ input }) => input.AlarmName);

  test('a metric that no function has written yet has no alarm; asked for, it is refused with the next step', async () => {
    const early = { ...facts, warehouse: loads };
    const { skipped } = wanted('{}', early);
    expect(names(facts)).toEqual(expect.arrayContaining(['demo-WarehouseLoadAlarm', 'demo-WarehouseRefusedAlarm']));
    expect(names(early)).not.toContain('demo-WarehouseLoadAlarm');
    expect(skipped).toMatchObject([
      { group: 'warehouse', why: expect.stringContaining('does not exist yet') as string },
    ]);
    const error = await errorOf(() => wanted('{ warehouse: true }', early));
    expect(error).toMatchObject({ code: 'ALARM_WITHOUT_SOURCE', exitCode: 2 });
    expect(error.why).toContain('LoadsFailed in mlops, Project demo');
    expect(error.actions[0]).toContain('after its first run');
  });

  test('an SLO whose counter never reached CloudWatch is refused, whatever the manifests switch on', async () => {
    const half = { ...facts, slos: { ...facts.slos, counted: new Set(['latency']) } };
    expect(names(half).filter((name) => name.includes('-slo-availability-'))).toEqual([]);
    expect(names(half)).toContain('demo-slo-latency-page');
    const error = await errorOf(() => wanted('{ slo: true }', half));
    expect(error).toMatchObject({ code: 'SLO_NO_SOURCE', exitCode: 2 });
    expect(error.why).toContain('mlops_slo_requests_total in mlops of availability (Namespace ml, Service demo)');
    expect(names(half, '{ slo: [latency] }')).toContain('demo-slo-latency-page');
  });

  test('alarms that exist stay when CloudWatch has forgotten their metric: one of them says that it does not arrive', () => {
    const silent = {
      ...facts,
      warehouse: loads,
      cluster: { name: 'mine', namespace: 'ml', workload: 'demo', hasInsights: false },
      slos: { ...facts.slos, counted: new Set<string>() },
      made: new Set(['demo-WarehouseLoadAlarm', 'demo-PodFailedAlarm', 'demo-slo-latency-no-data']),
    };
    expect(names(silent)).toEqual(expect.arrayContaining(['demo-WarehouseLoadAlarm', 'demo-slo-latency-no-data']));
    // Of the two alarms on the loads only this one was made before.
    expect(names(silent)).not.toContain('demo-WarehouseRefusedAlarm');
    expect(names(silent).some((name) => name.includes('-slo-availability-'))).toBe(false);
    expect(names(silent)).toEqual(expect.arrayContaining(['demo-PodFailedAlarm', 'demo-NodeCpuAlarm']));
  });

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
