import { describe, it } from 'vitest';
import { alertRulesDocument } from '../../../src/lib/monitoring/grafana/alert-rules.js';
import {
  burnAlert,
  noServerAlert,
  prometheusRules,
  someServersAlert,
  uncountedAlert,
} from '../../../src/lib/slo/compile/prometheus.js';
import type { RulesFile } from '../../../src/lib/slo/compile/rules-file.js';
import type { Slo } from '../../../src/lib/slo/types.js';
import { asPrometheusRule, type GrafanaRule } from '../../support/grafana-rule.js';
import { type ExpectedSamples, type InputSeries, type RuleTest, testRules } from '../../support/promtool.js';
import { tool } from '../../support/tools.js';

const promtool = tool('promtool');
const slo: Slo = { name: 'availability', sli: 'availability', target: 0.999, windowMs: 30 * 86_400_000 };
const project = 'demo';

/** The rules of Prometheus, and those of Grafana under names of their own. */
function allRules(namespace?: string): RulesFile {
  const { groups } = JSON.parse(
    JSON.stringify(alertRulesDocument({ project, slos: [slo], job: project, namespace, contactPoint: undefined })),
  ) as { groups: { rules: GrafanaRule[] }[] };
  const alerts = groups.flatMap(({ rules }) => rules).filter(({ uid }) => !uid.includes('-burn-'));
  const grafana = { name: 'grafana', interval: '1m', rules: alerts.map(asPrometheusRule) };
  return { groups: [...prometheusRules([slo], { project, job: project, namespace }).groups, grafana] };
}

const names = {
  noServer: [noServerAlert, 'Grafana demo-no-server', 'page'],
  someServers: [someServersAlert, 'Grafana demo-servers-down', 'ticket'],
  uncounted: [uncountedAlert, 'Grafana demo-availability-absent', 'ticket'],
} as const;

/** What fires at a minute, in Prometheus and in Grafana alike, and nothing else that is about servers. */
function firing(minute: number, ...fires: readonly (keyof typeof names)[]): ExpectedSamples[] {
  return Object.entries(names).flatMap(([key, [prometheus, grafana, severity]]) =>
    [prometheus, grafana].map((name) => ({
      expr: `count(ALERTS{alertname="${name}",alertstate="firing",service="demo",severity="${severity}"})`,
      eval_time: `${minute}m`,
      exp_samples: fires.some((one) => one === key) ? [{ labels: '{}', value: 1 }] : [],
    })),
  );
}

const up = (instance: string, values: string): InputSeries => ({
  series: `up{job="demo",instance="${instance}"}`,
  values,
});
const requests = (instance: string, values: string, name: string = slo.name): InputSeries => ({
  series: `mlops_slo_requests_total{job="demo",slo="${name}",instance="${instance}"}`,
  values,
});

function scenario(name: string, input_series: readonly InputSeries[], ...expected: ExpectedSamples[][]): RuleTest {
  return { name, interval: '1m', input_series, promql_expr_test: expected.flat() };
}

const tests: readonly RuleTest[] = [
  scenario(
    'all answer, and nobody asks',
    [up('a', '1x60'), up('b', '1x60'), requests('a', '0x60'), requests('b', '0x60')],
    firing(1),
    firing(60),
  ),
  // Prometheus marks every series of a target as stale when a scrape fails, and when the target is gone.
  scenario(
    'the only server dies, and comes back',
    [up('a', '1x29 0x29 1x30'), requests('a', '0+10x29 stale _x28 0+10x30')],
    firing(34),
    firing(36, 'noServer'),
    firing(58, 'noServer'),
    firing(62),
  ),
  scenario(
    'three of three are down',
    ['a', 'b', 'c'].flatMap((name) => [up(name, '1x29 0x29'), requests(name, '0+10x29 stale')]),
    firing(34),
    firing(36, 'noServer'),
    firing(58, 'noServer'),
  ),
  scenario(
    'one of three is down: a ticket, and no page',
    [
      up('a', '1x60'),
      up('b', '1x60'),
      up('c', '1x29 0x20 1x10'),
      requests('a', '0+10x60'),
      requests('b', '0+10x60'),
      requests('c', '0+10x29 stale'),
    ],
    firing(43),
    firing(46, 'someServers'),
    firing(55),
  ),
  scenario(
    'the targets vanish, as with all pods of a Deployment',
    [up('a', '1x29 stale'), up('b', '1x29 stale'), requests('a', '0+10x29 stale'), requests('b', '0+10x29 stale')],
    firing(34),
    firing(36, 'noServer'),
    firing(400, 'noServer'),
  ),
  scenario('never scraped, or under another job', [up('x', '_')], firing(4), firing(6, 'noServer')),
  scenario(
    'a rolling update and a restart of three minutes',
    [
      up('a', '1x29 0x2 1x30'),
      up('b', '1x32 0x2 1x30'),
      requests('a', '0+10x29 stale _x2 0+10x30'),
      requests('b', '0+10x32 stale _x2 0+10x30'),
    ],
    firing(31),
    firing(36),
    firing(60),
  ),
  scenario(
    'scrapes fail, but counters stay, as by remote write',
    [up('a', '1x29 0x30'), requests('a', '0+10x29 300x30')],
    firing(34),
    firing(36, 'noServer'),
  ),
  scenario(
    'counters without up, as from a collector, vanish without a mark: five minutes later',
    [requests('a', '0+10x29')],
    firing(29),
    firing(39),
    firing(41, 'noServer'),
  ),
  scenario(
    'servers that run with another mlops.yaml: a ticket for the SLO',
    [up('a', '1x60'), requests('a', '0+10x60', 'other')],
    firing(9),
    firing(11, 'uncounted'),
  ),
];

describe.skipIf(promtool === undefined)('servers that are down, by promtool', () => {
  it.each(tests.map((test) => [test.name, test] as const))('%s', async (_name, test) => {
    await testRules(promtool as string, allRules(), [test]);
  });

  it('a Prometheus with two namespaces: prod is down and staging burns, each for itself', async () => {
    const both = ['prod', 'staging'].flatMap((namespace) =>
      allRules(namespace).groups.map((group) => ({ ...group, name: `${group.name} ${namespace}` })),
    );
    const labels = (namespace: string) => `job="demo",namespace="${namespace}",instance="${namespace}"`;
    const counter = (which: string, namespace: string, values: string) => ({
      series: `mlops_slo_${which}_total{${labels(namespace)},slo="${slo.name}"}`,
      values,
    });
    const fired = (alert: string, namespace: string, yes: boolean) => ({
      expr: `count(ALERTS{alertname="${alert}",alertstate="firing",severity="page",namespace="${namespace}"})`,
      eval_time: '60m',
      exp_samples: yes ? [{ labels: '{}', value: 1 }] : [],
    });
    const recorded = (namespace: string, value: number) => ({
      expr: `slo:sli_error:ratio_rate1h{service="demo",slo="${slo.name}",namespace="${namespace}"} > bool ${value}`,
      eval_time: '50m',
      exp_samples: [
        {
          labels: `{namespace="${namespace}",service="demo",slo="${slo.name}"}`,
          value: namespace === 'staging' ? 1 : 0,
        },
      ],
    });
    const input_series = [
      { series: `up{${labels('prod')}}`, values: '1x50 0x20' },
      { series: `up{${labels('staging')}}`, values: '1x70' },
      counter('requests', 'prod', '0+60x50 stale'),
      counter('good', 'prod', '0+60x50 stale'),
      counter('requests', 'staging', '0+60x70'),
      counter('good', 'staging', '0+30x70'),
    ];
    const promql_expr_test = [
      ...[['prod', true] as const, ['staging', false] as const].flatMap(([namespace, isDown]) => [
        fired(noServerAlert, namespace, isDown),
        fired(`Grafana demo_${namespace}-no-server`, namespace, isDown),
      ]),
      fired(burnAlert, 'prod', false),
      fired(burnAlert, 'staging', true),
      recorded('prod', 0),
      recorded('staging', 0.4),
    ];
    const test = { name: 'two namespaces', interval: '1m', input_series, promql_expr_test };
    await testRules(promtool as string, { groups: both }, [test]);
  });
});
