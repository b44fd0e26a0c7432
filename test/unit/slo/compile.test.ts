import { describe, expect, it } from 'vitest';
import { cloudWatchAlarms } from '../../../src/lib/slo/compile/cloudwatch.js';
import { prometheusRules } from '../../../src/lib/slo/compile/prometheus.js';
import { selector } from '../../../src/lib/slo/compile/promql.js';
import { cloudWatchQueries, prometheusQueries } from '../../../src/lib/slo/compile/queries.js';
import { windowName } from '../../../src/lib/slo/compile/windows.js';
import type { Slo } from '../../../src/lib/slo/types.js';
import { alarmsOfRule } from '../../support/alarm-rule.js';
import { evaluateMetricMath } from '../../support/metric-math.js';
import { metricNames } from '../../support/metric-names.js';

const slo: Slo = { name: 'latency', sli: 'latency', thresholdMs: 100, target: 0.999, windowMs: 30 * 86_400_000 };
const source = { namespace: 'mlops', dimensions: { Namespace: 'default', Service: 'demo' } };
const { alarms, composites } = cloudWatchAlarms(slo, { ...source, project: 'demo' });

describe('CloudWatch alarms', () => {
  it('one for each window of each rule, one for missing data, and a composite for each severity', () => {
    expect(alarms.map(({ input }) => input.AlarmName)).toEqual([
      'demo-slo-latency-burn-1h-page',
      'demo-slo-latency-burn-5m-page',
      'demo-slo-latency-burn-6h-page',
      'demo-slo-latency-burn-30m-page',
      'demo-slo-latency-burn-1d-ticket',
      'demo-slo-latency-burn-2h-ticket',
      'demo-slo-latency-burn-3d-ticket',
      'demo-slo-latency-burn-6h-ticket',
      'demo-slo-latency-no-data',
    ]);
    expect(composites.map(({ severity, input }) => [severity, input.AlarmName])).toEqual([
      ['page', 'demo-slo-latency-page'],
      ['ticket', 'demo-slo-latency-ticket'],
    ]);
    expect(composites[0]?.input.AlarmRule).toBe(
      '(ALARM("demo-slo-latency-burn-1h-page") AND ALARM("demo-slo-latency-burn-5m-page")) OR (ALARM("demo-slo-latency-burn-6h-page") AND ALARM("demo-slo-latency-burn-30m-page"))',
    );
  });

  it('every alarm but the one for missing data is in exactly one composite', () => {
    const joined = composites.flatMap(({ input }) => alarmsOfRule(input.AlarmRule));
    const silent = alarms.filter(({ severity }) => severity === undefined).map(({ input }) => input.AlarmName);
    expect(joined.toSorted()).toEqual(silent.toSorted());
  });

  it('keep the limits of PutMetricAlarm', () => {
    for (const { input } of alarms) {
      expect(input.AlarmName.length).toBeLessThanOrEqual(255);
      expect(input.Metrics.filter(({ ReturnData }) => ReturnData)).toHaveLength(1);
      expect(new Set(input.Metrics.map(({ Id }) => Id)).size).toBe(input.Metrics.length);
      for (const { MetricStat, Id } of input.Metrics) {
        expect(Id).toMatch(/^[a-z]\w*$/);
        if (MetricStat === undefined) continue;
        expect(MetricStat.Period % 60).toBe(0);
        expect(MetricStat.Period * input.EvaluationPeriods).toBeLessThanOrEqual(
          MetricStat.Period < 3_600 ? 86_400 : 604_800,
        );
        expect(MetricStat.Metric.Dimensions).toEqual([
          { Name: 'Namespace', Value: 'default' },
          { Name: 'Service', Value: 'demo' },
          { Name: 'slo', Value: 'latency' },
        ]);
      }
    }
  });

  it('the one for missing data looks at scrapes, and takes a gap for a fault', () => {
    expect(alarms.at(-1)).toMatchObject({
      severity: 'ticket',
      input: { TreatMissingData: 'breaching', Metrics: [{ MetricStat: { Stat: 'SampleCount' } }] },
    });
  });
});

describe('queries of a dashboard', () => {
  it('read the counters alone, for the servers that were picked', () => {
    const { burnRates, ...others } = prometheusQueries(slo, [{ label: 'job', operator: '=~', value: '$job' }]);
    for (const query of [...Object.values(others), ...burnRates.map((burn) => burn.query)]) {
      expect(metricNames(query).filter((name) => !/^mlops_slo_(requests|good)_total$/.test(name))).toEqual([]);
      expect(query).toContain('{job=~"$job",slo="latency"}');
    }
    expect(burnRates.map(({ window, factor }) => [window, factor])).toEqual([
      ['1h', 14.4],
      ['6h', 6],
      ['1d', 3],
      ['3d', 1],
    ]);
  });

  it('are the same figures in metric math', () => {
    const { attained, budgetRemaining, burnRates } = cloudWatchQueries(slo, source);
    const value = (queries: typeof attained, requests?: number, good?: number) =>
      evaluateMetricMath(queries.find(({ ReturnData }) => ReturnData)?.Expression ?? '', { requests, good });
    expect(value(attained, 1_000, 998)).toBeCloseTo(0.998, 12);
    expect(value(budgetRemaining, 1_000, 998)).toBeCloseTo(-1, 9);
    expect(value(burnRates[0]?.query ?? [], 1_000, 998)).toBeCloseTo(2, 9);
    expect([value(attained), value(budgetRemaining), value(burnRates[0]?.query ?? [])]).toEqual([1, 1, 0]);
  });
});

describe('parts', () => {
  it.each([
    [300_000, '5m'],
    [259_200_000, '3d'],
    [90_000, '90s'],
    [5_400_000, '90m'],
    [1_500, '1500ms'],
  ])('%d ms is %s', (ms, name) => expect(windowName(ms)).toBe(name));

  it('a label value is escaped as PromQL asks', () => {
    expect(selector([{ label: 'job', value: 'a"b\\c\nd' }])).toBe('{job="a\\"b\\\\c\\nd"}');
  });

  it('the rules are plain data: no two groups or recordings share a name within a project', () => {
    const { groups } = prometheusRules([slo, { ...slo, name: 'other' }], { project: 'demo', job: 'demo' });
    expect(new Set(groups.map(({ name }) => name)).size).toBe(groups.length);
    const keys = groups.flatMap(({ rules }) =>
      rules.flatMap((rule) => ('record' in rule ? [`${rule.record} ${rule.labels.slo}`] : [])),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('metricNames finds what a query reads, and nothing else', () => {
    const promql =
      'sum by (le, job) (rate(a_bucket{job=~"$job", x!="y{b"}[$__rate_interval])) / on(z) group_left(w) (ns:b_c:rate5m offset 5m > bool 1e3) or absent(d)';
    expect(metricNames(promql)).toEqual(['a_bucket', 'ns:b_c:rate5m', 'd']);
  });
});
