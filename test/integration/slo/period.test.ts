import { describe, expect, it } from 'vitest';
import { prometheusRules } from '../../../src/lib/slo/compile/prometheus.js';
import { badRatio } from '../../../src/lib/slo/compile/promql.js';
import type { RulesFile } from '../../../src/lib/slo/compile/rules-file.js';
import { periodErrorRatio, periodMeasured } from '../../../src/lib/slo/compile/series.js';
import type { Slo } from '../../../src/lib/slo/types.js';
import { testRules } from '../../support/promtool.js';
import { tool } from '../../support/tools.js';
import { counterSeries, minutes, type Traffic, within } from '../../support/traffic.js';

const promtool = tool('promtool');
const slo: Slo = { name: 'availability', sli: 'availability', target: 0.999, windowMs: 86_400_000 };
const rules = prometheusRules([slo], { project: 'demo', job: 'demo' });
/** The recordings that the period is made of, without those of longer windows. */
const periodOnly: RulesFile = {
  groups: rules.groups.flatMap((group) => {
    const isPeriod = group.name.endsWith(':period');
    const needed = group.rules.filter((rule) => isPeriod || ('record' in rule && rule.record.endsWith('increase5m')));
    return needed.length === 0 ? [] : [{ ...group, rules: needed }];
  }),
};
const labels = { job: 'demo', slo: slo.name };

/** A day that begins and ends idle, so that no request is on an edge of what was recorded. */
const day = (traffic: Traffic): Traffic => [
  ...minutes(10, 0),
  ...traffic,
  ...minutes(1_420 - traffic.length, 100),
  ...minutes(10, 0),
];

/** `within`: of the truth. Where a counter leaves 0, Prometheus does not extrapolate: what is above 1e-9 of the first three. */
const scenarios: readonly { name: string; traffic: Traffic; scrapeS?: number; within: number }[] = [
  { name: 'a constant rate', traffic: day(minutes(1_420, 100, 1)), within: 1e-9 },
  {
    name: 'a rate that changes a hundredfold, bad while it is high',
    traffic: day([...minutes(700, 10), ...minutes(20, 1_000, 7), ...minutes(700, 10)]),
    within: 2e-4,
  },
  {
    name: 'one burst of bad requests between two scrapes',
    traffic: day([...minutes(600, 100), ...minutes(1, 100, 30)]),
    within: 2e-4,
  },
  {
    // One burst between two scrapes is in 8 or 9 of the windows recorded every 30 s, of 8.4 on average.
    name: 'one burst of bad requests, with scrapes that fall otherwise than evaluations',
    traffic: day([...minutes(600, 100), ...minutes(1, 100, 30)]),
    scrapeS: 47,
    within: 0.1,
  },
  {
    name: 'many of them',
    traffic: day(
      Array.from({ length: 60 }, (_, index) => [...minutes(19 + (index % 3), 100), ...minutes(1, 100, 30)]).flat(),
    ),
    scrapeS: 47,
    within: 0.01,
  },
];

describe.skipIf(promtool === undefined)('the error ratio of the whole window, by promtool', () => {
  it.each(scenarios)('of $name is that of the requests', async ({ name, traffic, scrapeS = 60, ...is }) => {
    const { counted, good } = within(traffic, traffic.length, traffic.length);
    const truth = (counted - good) / counted;
    expect(truth).toBeGreaterThan(0);
    const at = `${Math.floor((traffic.length * scrapeS) / 60)}m`;
    const expr = `abs(${periodErrorRatio} / ${truth} - 1) <= bool ${is.within}`;
    const one = { labels: '{service="demo", slo="availability"}', value: 1 };
    const test = { name, interval: `${scrapeS}s`, input_series: counterSeries(traffic, labels) };
    const tests = [{ ...test, promql_expr_test: [{ expr, eval_time: at, exp_samples: [one] }] }];
    await testRules(promtool as string, periodOnly, tests, '30s');
  });

  it('differs by what the newest five minutes hold, and no more', async () => {
    const traffic = [...minutes(600, 100, 1), ...minutes(5, 100, 100)];
    const direct = badRatio(
      Object.entries(labels).map(([label, value]) => ({ label, value })),
      '1d',
    );
    // 500 bad requests came, of which the recordings have about half: 60,500 requests count in all.
    const expr = `abs(${periodErrorRatio} - on() group_left() (${direct})) <= bool ${500 / 60_500}`;
    const test = { name: 'edge', interval: '1m', input_series: counterSeries(traffic, labels) };
    await testRules(promtool as string, rules, [
      {
        ...test,
        promql_expr_test: [
          { expr, eval_time: '605m', exp_samples: [{ labels: '{service="demo", slo="availability"}', value: 1 }] },
        ],
      },
    ]);
  });

  it('tells how far back it reaches, to the hour', async () => {
    const test = { name: 'measured', interval: '1m', input_series: counterSeries(minutes(600, 100), labels) };
    const sample = { labels: '{service="demo", slo="availability"}', value: 9 * 3_600 };
    await testRules(promtool as string, rules, [
      { ...test, promql_expr_test: [{ expr: `${periodMeasured} + 0`, eval_time: '10h', exp_samples: [sample] }] },
    ]);
  });

  it('reads no counter over the whole window', () => {
    const period = rules.groups.find(({ name }) => name.endsWith(':period'));
    expect(period?.rules.map(({ expr }) => expr).filter((expr) => expr.includes('mlops_'))).toEqual([]);
  });
});
