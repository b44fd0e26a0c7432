import { describe, expect, it } from 'vitest';
import { alertRulesDocument } from '../../../src/lib/monitoring/grafana/alert-rules.js';
import { type BurnRule, burnRules } from '../../../src/lib/slo/burn-rate.js';
import { cloudWatchAlarms, type MetricAlarm } from '../../../src/lib/slo/compile/cloudwatch.js';
import { burnAlert, prometheusRules } from '../../../src/lib/slo/compile/prometheus.js';
import type { RulesFile } from '../../../src/lib/slo/compile/rules-file.js';
import { badSeries, errorRatioSeries } from '../../../src/lib/slo/compile/series.js';
import { judge } from '../../../src/lib/slo/judge.js';
import type { Slo } from '../../../src/lib/slo/types.js';
import { evaluateRule } from '../../support/alarm-rule.js';
import { asPrometheusRule, type GrafanaRule } from '../../support/grafana-rule.js';
import { evaluateMetricMath } from '../../support/metric-math.js';
import { type RuleTest, testRules } from '../../support/promtool.js';
import { tool } from '../../support/tools.js';
import { counterSeries, minutes, type Traffic, within } from '../../support/traffic.js';

const promtool = tool('promtool');
const slo: Slo = { name: 'latency', sli: 'latency', thresholdMs: 100, target: 0.99, windowMs: 30 * 86_400_000 };
const project = 'demo';
const cloudWatch = cloudWatchAlarms(slo, { project, namespace: 'mlops', dimensions: { Service: project } });
const rules = burnRules(slo);

/** Each with what is expected at its end, so that three targets that are all silent do not pass for agreement. */
const scenarios: readonly { name: string; traffic: Traffic; firing: readonly string[]; gateMet: boolean }[] = [
  { name: 'no traffic', traffic: minutes(400, 0), firing: [], gateMet: false },
  { name: 'all good', traffic: minutes(400, 100), firing: [], gateMet: true },
  { name: 'at the budget', traffic: minutes(400, 100, 1), firing: [], gateMet: true },
  { name: 'a slow leak', traffic: minutes(400, 100, 2), firing: ['ticket'], gateMet: false },
  {
    name: 'a burn',
    traffic: [...minutes(340, 100), ...minutes(60, 100, 20)],
    firing: ['page', 'ticket'],
    gateMet: false,
  },
  {
    name: 'an outage',
    traffic: [...minutes(390, 100), ...minutes(10, 100, 100)],
    firing: ['page', 'ticket'],
    gateMet: false,
  },
  {
    name: 'a burn that ended 20 minutes ago',
    traffic: [...minutes(290, 100), ...minutes(90, 100, 30), ...minutes(20, 100)],
    firing: ['page', 'ticket'],
    gateMet: false,
  },
  {
    name: 'a burn that ended an hour ago',
    traffic: [...minutes(270, 100), ...minutes(70, 100, 30), ...minutes(60, 100)],
    firing: ['ticket'],
    gateMet: false,
  },
  {
    name: 'idle after an outage',
    traffic: [...minutes(300, 100), ...minutes(90, 100, 90), ...minutes(10, 0)],
    firing: ['page', 'ticket'],
    gateMet: false,
  },
  {
    name: 'one bad request in an idle hour',
    traffic: [...minutes(340, 0), ...minutes(58, 0), ...minutes(1, 1, 1), ...minutes(1, 0)],
    firing: [],
    gateMet: false,
  },
  {
    name: 'four bad requests, one fewer than an alert waits for',
    traffic: [...minutes(380, 0), ...minutes(19, 0), ...minutes(1, 4, 4)],
    firing: [],
    gateMet: false,
  },
  {
    name: 'five bad requests after an idle night',
    traffic: [...minutes(380, 0), ...minutes(15, 0), ...minutes(5, 1, 1)],
    firing: ['page', 'ticket'],
    gateMet: false,
  },
  {
    name: 'a service with two requests an hour that is broken',
    traffic: Array.from({ length: 13 }, () => [...minutes(29, 0), ...minutes(1, 1, 1)]).flat(),
    firing: ['page', 'ticket'],
    gateMet: false,
  },
];

/** By a model of metric math. Minutes with traffic are data points in CloudWatch; the agent sends a 0 for the others, and nothing while it is down. */
function burnInCloudWatch(alarm: MetricAlarm, traffic: Traffic): number | undefined {
  const queries = alarm.Metrics.filter(({ MetricStat }) => MetricStat !== undefined);
  const { counted, good } = within(traffic, traffic.length, (queries[0]?.MetricStat?.Period ?? 0) / 60);
  const values = Object.fromEntries(
    queries.map(({ Id, MetricStat }) => [
      Id,
      MetricStat?.Metric.MetricName === 'mlops_slo_good_total' ? good : counted,
    ]),
  );
  return evaluateMetricMath(alarm.Metrics.find(({ ReturnData }) => ReturnData)?.Expression ?? '', values);
}

function burnAlarms(): MetricAlarm[] {
  return cloudWatch.alarms.filter(({ AlarmName }) => AlarmName.includes('-burn-'));
}

function cloudWatchFires(traffic: Traffic): string[] {
  const inAlarm = new Set(
    burnAlarms()
      .filter((alarm) => (burnInCloudWatch(alarm, traffic) ?? 0) > alarm.Threshold)
      .map(({ AlarmName }) => AlarmName),
  );
  return cloudWatch.composites
    .filter(({ input }) => evaluateRule(input.AlarmRule, (name) => (inAlarm.has(name) ? 'ALARM' : 'OK')))
    .map(({ severity }) => severity);
}

function gateFires(traffic: Traffic): string[] {
  const judged = (windowMs: number) => judge(slo, within(traffic, traffic.length, windowMs / 60_000));
  const burns = ({ factor }: BurnRule, windowMs: number) => (judged(windowMs).burnRate ?? 0) > factor;
  const isEnough = ({ longMs, minBadRequests }: BurnRule) => {
    const { counted, good } = judged(longMs);
    return counted - good >= minBadRequests;
  };
  const burning = rules.filter((rule) => burns(rule, rule.longMs) && burns(rule, rule.shortMs) && isEnough(rule));
  return [...new Set(burning.map(({ severity }) => severity))];
}

/** Rounded as PromQL's round() does it, because promtool compares bit by bit. */
function rounded(value: number): number {
  const inverse = 1 / 1e-9;
  return Math.floor(value * inverse + 0.5) / inverse;
}

/** The burn alerts of Grafana among the rules of Prometheus, under names of their own. */
function withGrafana(file: RulesFile): RulesFile {
  const { groups } = JSON.parse(
    JSON.stringify(alertRulesDocument({ project, slos: [slo], job: project, contactPoint: undefined })),
  ) as { groups: { name: string; rules: GrafanaRule[] }[] };
  const alerts = groups.flatMap((group) => group.rules).filter(({ uid }) => uid.includes('-burn-'));
  expect(alerts).toHaveLength(rules.length);
  return { groups: [...file.groups, { name: 'grafana', interval: '1m', rules: alerts.map(asPrometheusRule) }] };
}

function promtoolTest({ name, traffic }: (typeof scenarios)[number]): RuleTest {
  const at = `${traffic.length}m`;
  return {
    name,
    interval: '1m',
    input_series: counterSeries(traffic, { job: project, slo: slo.name }),
    promql_expr_test: [
      ...rules.map(({ longMs }) => {
        const { ratio } = judge(slo, within(traffic, traffic.length, longMs / 60_000));
        const samples =
          ratio === null ? [] : [{ labels: '{service="demo", slo="latency"}', value: rounded(1 - ratio) }];
        return { expr: `round(${errorRatioSeries(longMs)}, 1e-9)`, eval_time: at, exp_samples: samples };
      }),
      ...rules.map(({ longMs }) => {
        const { counted, good } = within(traffic, traffic.length, longMs / 60_000);
        const sample = { labels: '{service="demo", slo="latency"}', value: counted - good };
        return { expr: `round(${badSeries(longMs)}, 1)`, eval_time: at, exp_samples: [sample] };
      }),
      ...['page', 'ticket'].map((severity) => ({
        expr: `group(ALERTS{alertname=~"Grafana.*",alertstate="firing",severity="${severity}"}) by (severity)`,
        eval_time: at,
        exp_samples: cloudWatchFires(traffic).includes(severity)
          ? [{ labels: `{severity="${severity}"}`, value: 1 }]
          : [],
      })),
      ...['page', 'ticket'].map((severity) => ({
        expr: `count(ALERTS{alertname="${burnAlert}",alertstate="firing",severity="${severity}"}) by (severity)`,
        eval_time: at,
        exp_samples: cloudWatchFires(traffic).includes(severity)
          ? [{ labels: `{severity="${severity}"}`, value: 1 }]
          : [],
      })),
    ],
    alert_rule_test:
      cloudWatchFires(traffic).length === 0 ? [{ eval_time: at, alertname: burnAlert, exp_alerts: [] }] : [],
  };
}

describe('one series', () => {
  it.each(scenarios)(
    '$name: the gate and the CloudWatch alarms, by a model of their documented metric math, say the same',
    ({ traffic, firing, gateMet }) => {
      expect(cloudWatchFires(traffic)).toEqual(firing);
      expect(gateFires(traffic)).toEqual(firing);
      for (const alarm of burnAlarms()) {
        const window = (alarm.Metrics[1]?.MetricStat?.Period ?? 0) / 60;
        const { burnRate, counted, good } = judge(slo, within(traffic, traffic.length, window));
        const isEnough = counted - good >= Number(/>=(\d+)/.exec(alarm.Metrics[0]?.Expression ?? '')?.[1]);
        expect(burnInCloudWatch(alarm, traffic)).toBeCloseTo(isEnough ? (burnRate ?? 0) : 0, 6);
      }
      const whole = judge(slo, within(traffic, traffic.length, traffic.length));
      expect(whole.met).toBe(gateMet);
      if (whole.burnRate !== null) expect(whole.met).toBe(whole.burnRate <= 1);
    },
  );

  it.skipIf(promtool === undefined)(
    'and the rules of Prometheus and of Grafana too, ratio by ratio and alert by alert, by promtool',
    async () => {
      const file = withGrafana(prometheusRules([slo], { project, job: project }));
      await testRules(promtool as string, file, scenarios.map(promtoolTest), '5m');
    },
  );

  it('without any data point sets no burn alarm off in CloudWatch', () => {
    for (const alarm of burnAlarms()) {
      const expression = alarm.Metrics[0]?.Expression ?? '';
      expect(evaluateMetricMath(expression, { requests: undefined, good: undefined })).toBe(0);
      expect(alarm.TreatMissingData).toBe('notBreaching');
      expect(evaluateMetricMath(expression, { requests: 100, good: undefined })).toBeCloseTo(100, 9);
    }
  });
});
