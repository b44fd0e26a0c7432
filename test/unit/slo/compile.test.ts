import { describe, expect, it } from 'vitest';
import { cloudWatchAlarms, noServerAlarm } from '../../../src/lib/slo/compile/cloudwatch.js';
import { prometheusRules } from '../../../src/lib/slo/compile/prometheus.js';
import { selector } from '../../../src/lib/slo/compile/promql.js';
import {
  burnRateByPeriod,
  cloudWatchQueries,
  type MathQuery,
  prometheusQueries,
} from '../../../src/lib/slo/compile/queries.js';
import { windowName } from '../../../src/lib/slo/compile/windows.js';
import type { Slo } from '../../../src/lib/slo/types.js';
import { alarmsOfRule, evaluateRule } from '../../support/alarm-rule.js';
import { evaluateMetricMath } from '../../support/metric-math.js';
import { metricNames } from '../../support/metric-names.js';

const slo: Slo = { name: 'latency', sli: 'latency', thresholdMs: 100, target: 0.999, windowMs: 30 * 86_400_000 };
const source = { namespace: 'mlops', dimensions: { Namespace: 'default', Service: 'demo' } };
const { alarms, composites } = cloudWatchAlarms(slo, { ...source, project: 'demo' });

describe('CloudWatch alarms', () => {
  it('one for each window of each rule, one for missing data, and a composite for each severity', () => {
    expect(alarms.map(({ AlarmName }) => AlarmName)).toEqual([
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
    expect(composites[1]?.input.AlarmRule).toContain(
      ' OR (ALARM("demo-slo-latency-no-data") AND NOT ALARM("demo-slo-no-data"))',
    );
  });

  it('every alarm is in exactly one composite', () => {
    const joined = composites.flatMap(({ input }) => alarmsOfRule(input.AlarmRule));
    // That no server is heard of belongs to no SLO.
    expect(joined.filter((name) => name !== 'demo-slo-no-data').toSorted()).toEqual(
      alarms.map(({ AlarmName }) => AlarmName).toSorted(),
    );
  });

  it('keep the limits of PutMetricAlarm', () => {
    for (const input of alarms) {
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

  it('nothing that arrives for five minutes is one page of the project, by all SLOs together', () => {
    const noServer = noServerAlarm([slo, { name: 'other' }], { ...source, project: 'demo' });
    expect(noServer.AlarmName).toBe('demo-slo-no-data');
    const [arrived, ...scrapes] = noServer.Metrics;
    expect(scrapes.map(({ MetricStat }) => MetricStat?.Metric.Dimensions.at(-1)?.Value)).toEqual(['latency', 'other']);
    for (const { MetricStat } of scrapes) expect(MetricStat).toMatchObject({ Stat: 'SampleCount', Period: 60 });
    expect(noServer).toMatchObject({ EvaluationPeriods: 5, DatapointsToAlarm: 5, Threshold: 1 });
    // It has to be ALARM: INSUFFICIENT_DATA notifies nobody.
    expect(noServer).toMatchObject({ ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching' });
    const value = (first?: number, second?: number) =>
      evaluateMetricMath(arrived?.Expression ?? '', { scrapes0: first, scrapes1: second });
    expect([value(), value(3), value(undefined, 2)]).toEqual([0, 3, 2]);
    const many = Array.from({ length: 30 }, (_, index) => ({ name: `slo-${index}` }));
    expect(noServerAlarm(many, { ...source, project: 'demo' }).Metrics).toHaveLength(11);
  });

  it('an SLO that is not counted is a ticket of its own, and nothing more while no server is heard of', () => {
    const uncounted = alarms.find(({ AlarmName }) => AlarmName.endsWith('-no-data'));
    expect(uncounted).toMatchObject({ EvaluationPeriods: 10, DatapointsToAlarm: 10, TreatMissingData: 'breaching' });
    const firing = (...on: string[]) =>
      composites
        .filter(({ input }) => evaluateRule(input.AlarmRule, (name) => (on.includes(name) ? 'ALARM' : 'OK')))
        .map(({ severity }) => severity);
    expect(firing('demo-slo-latency-no-data')).toEqual(['ticket']);
    expect(firing('demo-slo-latency-no-data', 'demo-slo-no-data')).toEqual([]);
    const short = cloudWatchAlarms({ ...slo, windowMs: 2 * 3_600_000 }, { ...source, project: 'demo' });
    expect(short.composites.map(({ input }) => input.AlarmRule.includes('latency-no-data'))).toEqual([true]);
  });

  it('the long window waits for so many bad requests as the SLO says, the short one for one', () => {
    const few = cloudWatchAlarms({ ...slo, minBadRequests: 20 }, { ...source, project: 'demo' }).alarms;
    const burn = (window: string, requests: number, good: number) => {
      const alarm = few.find(({ AlarmName }) => AlarmName.endsWith(`burn-${window}`));
      return evaluateMetricMath(alarm?.Metrics[0]?.Expression ?? '', { requests, good });
    };
    expect([burn('1h-page', 19, 0), burn('1h-page', 0, 0)]).toEqual([0, 0]);
    expect(burn('1h-page', 20, 0)).toBeCloseTo(1_000, 6);
    expect(burn('5m-page', 1, 0)).toBeCloseTo(1_000, 6);
    expect(burn('5m-page', 10, 10)).toBe(0);
  });
});

describe('queries of a dashboard', () => {
  const pick = { project: 'demo', matchers: [{ label: 'job', operator: '=~', value: '$job' }] } as const;

  it('read what the rules record, and only the counters else, for the servers that were picked', () => {
    const { burnRates, ...others } = prometheusQueries(slo, pick);
    const recorded = prometheusRules([slo], { project: 'demo', job: 'demo' }).groups.flatMap(({ rules }) =>
      rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])),
    );
    for (const query of [...Object.values(others), ...burnRates.map((burn) => burn.query)]) {
      const known = [...recorded, 'mlops_slo_requests_total', 'mlops_slo_good_total'];
      expect(metricNames(query).filter((name) => !known.includes(name))).toEqual([]);
      expect(query).toContain('{job=~"$job",slo="latency"}');
    }
    expect(others.budgetRemaining).toMatch(
      /^\(slo:error_budget:remaining_ratio\{service="demo",slo="latency"\}\) or on\(\) /,
    );
    expect(burnRates.map(({ windowMs, factor }) => [windowName(windowMs), factor])).toEqual([
      ['1h', 14.4],
      ['6h', 6],
      ['1d', 3],
      ['3d', 1],
    ]);
  });

  it('the matcher that leaves counters out once there are recordings is on all that has one', () => {
    const unless = { label: 'slo', operator: '!~', value: '$recorded' } as const;
    const { requests, bad, burnRates, ...others } = prometheusQueries(slo, { ...pick, matchers: [unless] });
    for (const query of [...Object.values(others), ...burnRates.map((burn) => burn.query)]) {
      const [, raw = ''] = query.split(' or on() ');
      const selectors = [...raw.matchAll(/mlops_\w+(\{[^}]*\})/g)].map(([, text]) => text);
      expect(selectors.length).toBeGreaterThan(0);
      expect(new Set(selectors)).toEqual(new Set(['{slo!~"$recorded",slo="latency"}']));
    }
    expect(requests + bad).not.toContain('$recorded');
  });

  it('are the same figures in metric math', () => {
    const { attained, budgetRemaining, burnRates, requests, bad } = cloudWatchQueries(slo);
    const value = ({ expression }: MathQuery, requests?: number, good?: number) =>
      evaluateMetricMath(expression.replaceAll('PERIOD(requests)', '300'), { requests, good });
    expect(value(attained, 1_000, 998)).toBeCloseTo(0.998, 12);
    expect(value(budgetRemaining, 1_000, 998)).toBeCloseTo(-1, 9);
    expect(burnRates.map(({ query }) => value(query, 1_000, 998)?.toFixed(9))).toEqual(Array(4).fill('2.000000000'));
    expect([value(requests, 600, 590), value(bad, 600, 300), value(bad, 600)]).toEqual([2, 1, 2]);
    expect([value(attained), value(budgetRemaining), value(attained, 0, 0)]).toEqual([undefined, undefined, undefined]);
    expect(value(burnRateByPeriod(slo, 3_600), 1_000, 998)).toBeCloseTo(2, 9);
    // CloudWatch has no minutes that are older than 15 days.
    expect([attained.periodS, burnRates[0]?.query.periodS, burnRates[3]?.query.periodS]).toEqual([3_600, 60, 300]);
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
