import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sloCloudWatchDashboard } from '../../../../src/lib/monitoring/dashboards/slo-cloudwatch.js';
import { sloSources } from '../../../../src/lib/slo/sources.js';
import { dashboardContext } from '../../../support/dashboard-context.js';
import { evaluateMetricMath } from '../../../support/metric-math.js';

interface Target {
  id: string;
  hide?: boolean;
  expression?: string;
  metricName?: string;
  namespace?: string;
  dimensions?: Record<string, string>;
  period?: string;
  statistic?: string;
}
interface Panel {
  title: string;
  type: string;
  timeFrom?: string;
  targets?: Target[];
}

const site = { name: 'flight-delay', target: 'eks', namespace: 'prod', components: ['cloudwatch'] } as const;
const { cloudwatch } = sloSources(site);
if (!cloudwatch.available) throw new Error('no source');
const built = sloCloudWatchDashboard(dashboardContext, cloudwatch.source);
const panels = (JSON.parse(JSON.stringify(built.model)) as { panels: Panel[] }).panels;
const ofAvailability = panels.slice(1, 10);
const panel = (title: string) => ofAvailability.find((one) => one.title === title);

const component = join(import.meta.dirname, '../../../../templates/kubernetes/components/cloudwatch');

/** What the configuration of the CloudWatch agent lets through. */
async function sent() {
  const agent = JSON.parse(await readFile(join(component, 'cwagentconfig.json'), 'utf8')) as {
    logs: {
      metrics_collected: {
        prometheus: {
          emf_processor: {
            metric_namespace: string;
            metric_declaration: { dimensions: string[][]; metric_selectors: string[] }[];
          };
        };
      };
    };
  };
  const { metric_namespace: namespace, metric_declaration: declared } =
    agent.logs.metrics_collected.prometheus.emf_processor;
  const deployment = parse(await readFile(join(component, 'deployment.yaml'), 'utf8')) as {
    spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
  };
  const { env = [] } = deployment.spec.template.spec.containers[0] ?? {};
  const scrape = parse(env.find(({ name }) => name === 'PROMETHEUS_CONFIG')?.value ?? '') as {
    scrape_configs: { metric_relabel_configs: { action: string; regex: string }[] }[];
  };
  const kept = scrape.scrape_configs[0]?.metric_relabel_configs[0];
  const has = (name: string, dimensions: readonly string[]) =>
    kept?.action === 'keep' &&
    new RegExp(`^(?:${kept.regex})$`).test(name) &&
    declared.some(
      (one) =>
        one.metric_selectors.some((selector) => new RegExp(selector).test(name)) &&
        one.dimensions.some((set) => set.toSorted().join() === dimensions.toSorted().join()),
    );
  return { namespace, has };
}

describe('the dashboard of SLOs in CloudWatch', () => {
  it('asks for nothing but what the agent sends, in the dimensions in which it does', async () => {
    const { namespace, has } = await sent();
    const metrics = panels.flatMap(({ targets = [] }) => targets).filter(({ metricName }) => metricName !== undefined);
    expect(metrics.length).toBeGreaterThan(30);
    for (const target of metrics) {
      expect(target.namespace).toBe(namespace);
      expect(has(target.metricName ?? '', Object.keys(target.dimensions ?? {})), target.metricName).toBe(true);
      expect(target.dimensions).toMatchObject({ Namespace: 'prod', Service: 'flight-delay' });
    }
    expect(has('mlops_requests_total', ['Namespace', 'Service', 'slo'])).toBe(false);
  });

  it('shows one result a panel, of the two counters that it asks for and hides', () => {
    for (const { title, type, targets = [] } of panels) {
      if (type === 'row') continue;
      expect(
        targets.filter(({ hide }) => hide !== true),
        title,
      ).toHaveLength(1);
      expect(
        targets.filter(({ hide }) => hide === true).map(({ id }) => id),
        title,
      ).toEqual(['requests', 'good']);
      expect(new Set(targets.map(({ period }) => period)).size, title).toBe(1);
      expect(targets[0]?.expression, title).toMatch(/requests/);
    }
  });

  it('looks back exactly as far as each figure is about', () => {
    expect(ofAvailability.map(({ title, timeFrom }) => [title, timeFrom])).toEqual([
      ['Attained', '30d'],
      ['Budget left', '30d'],
      ['Requests that count', undefined],
      ['Bad requests', undefined],
      ['Burn rate, 1h', '1h'],
      ['Burn rate, 6h', '6h'],
      ['Burn rate, 1d', '1d'],
      ['Burn rate, 3d', '3d'],
      ['Burn rate, hour by hour', undefined],
    ]);
  });

  it('computes what the SLO promises, by a model of metric math', () => {
    const value = (title: string) =>
      evaluateMetricMath(panel(title)?.targets?.[0]?.expression ?? '', { requests: 10_000, good: 9_995 });
    expect(value('Attained')).toBeCloseTo(0.9995, 12);
    expect(value('Budget left')).toBeCloseTo(0.5, 9);
    expect(value('Burn rate, 1h')).toBeCloseTo(0.5, 9);
  });
});
