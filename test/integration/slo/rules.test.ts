import { describe, expect, it } from 'vitest';
import { burnAlert, prometheusRules } from '../../../src/lib/slo/compile/prometheus.js';
import { errorRatioSeries } from '../../../src/lib/slo/compile/series.js';
import { defaultSlos } from '../../../src/lib/slo/defaults.js';
import type { Slo } from '../../../src/lib/slo/types.js';
import { makeRules } from '../../../src/lib/slo/write-rules.js';
import { checkRules, type ExpectedAlert, type RuleTest, testRules } from '../../support/promtool.js';
import { tool } from '../../support/tools.js';
import { counterSeries, minutes, type Traffic } from '../../support/traffic.js';

const promtool = tool('promtool');
const day = 86_400_000;
const slo: Slo = { name: 'availability', sli: 'availability', target: 0.999, windowMs: 30 * day };
const options = { project: 'demo', job: 'demo' };
const rules = prometheusRules([slo], options);
const labels = { service: 'demo', slo: 'availability' };

type Severity = 'page' | 'ticket';

/** Which burn alerts fire at a time, each with the error ratio over the long window that burns, as people read it. */
function firing(atMinute: number, alerts: Partial<Record<Severity, string>>): ExpectedAlert {
  return {
    eval_time: `${atMinute}m`,
    alertname: burnAlert,
    exp_alerts: Object.entries(alerts).map(([severity, ratio]) => ({
      exp_labels: { ...labels, severity },
      exp_annotations: {
        summary: 'demo: the error budget of availability burns too fast',
        description: `${ratio} of the requests were not good, the SLO allows 0.1 %.`,
      },
    })),
  };
}

function rule(
  name: string,
  traffic: Traffic,
  expected: readonly ExpectedAlert[],
  restarts?: readonly number[],
): RuleTest {
  return {
    name,
    interval: '1m',
    input_series: counterSeries(traffic, { job: 'demo', slo: 'availability' }, restarts),
    alert_rule_test: expected,
  };
}

describe.skipIf(promtool === undefined)('promtool', () => {
  const program = promtool as string;

  it('reads the rules of every kind of SLO', async () => {
    const odd: Slo[] = [
      ...defaultSlos,
      { name: 'low', sli: 'availability', target: 0.8, windowMs: 7 * day },
      { name: 'quick', sli: 'latency', thresholdMs: 2.5, target: 0.99999, windowMs: 0.5 * day },
    ];
    const site = { name: 'demo', target: undefined, namespace: undefined, components: [] };
    const { file, yaml } = await makeRules(odd, site, { job: 'a "quoted" job' });
    const count = file.groups.reduce((sum, group) => sum + group.rules.length, 0);
    expect(await checkRules(program, yaml)).toContain(`SUCCESS: ${count} rules found`);
  });

  it('an idle service sets nothing off, and has no ratio instead of NaN', async () => {
    const idle = rule('idle', minutes(360, 0), [firing(60, {}), firing(360, {})]);
    const expr = `count({__name__=~"slo:.*ratio.*"})`;
    await testRules(program, rules, [{ ...idle, promql_expr_test: [{ expr, eval_time: '6h', exp_samples: [] }] }]);
  });

  it('a service that works sets nothing off, over a restart too', async () => {
    const traffic = minutes(360, 60);
    const quiet = [firing(30, {}), firing(121, {}), firing(360, {})];
    await testRules(program, rules, [rule('steady', traffic, quiet), rule('restarted', traffic, quiet, [120, 121])]);
  });

  it('one that burns pages soon, and the page ends when it recovers; the ticket stays for longer', async () => {
    const traffic = [...minutes(60, 60), ...minutes(60, 60, 10), ...minutes(300, 60)];
    // 10 of 60 are bad: in the last hour 1.44 % of 3,600, or 51.84, are reached with the sixth minute.
    const expected = [
      firing(60, {}),
      firing(62, { ticket: '0.5376%' }),
      firing(66, { page: '1.667%', ticket: '1.515%' }),
      firing(120, { page: '16.67%', ticket: '8.333%' }),
      // The last 5 minutes are good, of the last 30 not yet all.
      firing(126, { page: '7.937%', ticket: '7.937%' }),
      firing(151, { ticket: '6.623%' }),
      firing(419, { ticket: '2.387%' }),
    ];
    await testRules(program, rules, [rule('burning', traffic, expected)]);
  });

  it('goes on counting when the server restarts in the middle of it', async () => {
    const traffic = [...minutes(60, 60), ...minutes(60, 60, 10)];
    const expected = [firing(92, { page: '8.889%', ticket: '5.797%' })];
    await testRules(program, rules, [rule('restart while burning', traffic, expected, [90])]);
  });

  it('an outage after a quiet night fires although most windows were idle', async () => {
    const traffic = [...minutes(300, 0), ...minutes(5, 60, 60)];
    await testRules(program, rules, [rule('outage', traffic, [firing(303, { page: '100%', ticket: '100%' })])]);
  });

  it('shortened windows keep their factors', () => {
    const short = prometheusRules([slo], { ...options, windowScale: 1 / 60 });
    expect(short.groups[1]?.rules[2]).toMatchObject({ record: errorRatioSeries(5_000) });
    const alert = (file: typeof short) => file.groups[1]?.rules.find((one) => 'alert' in one)?.expr ?? '';
    expect(alert(short)).toBe(
      alert(rules).replaceAll('30m', '30s').replaceAll('5m', '5s').replaceAll('1h', '1m').replaceAll('6h', '6m'),
    );
  });
});
