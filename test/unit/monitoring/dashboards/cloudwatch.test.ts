import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildDashboards } from '../../../../src/lib/monitoring/dashboards/all.js';
import { containerInsights, lambda, sqs } from '../../../../src/lib/monitoring/metric-names.js';
import { cloudWatchMetrics, isSent } from '../../../support/cloudwatch-metrics.js';
import { dashboardContext } from '../../../support/dashboard-context.js';

interface Target {
  readonly namespace?: string;
  readonly metricName?: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly sqlExpression?: string;
  readonly statistic?: string;
  readonly hide?: boolean;
}

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly Target[];
  readonly options?: {
    readonly reduceOptions?: { readonly calcs: readonly string[] };
    readonly legend?: { readonly calcs: readonly string[] };
  };
  readonly fieldConfig?: {
    readonly defaults: { readonly min?: number; readonly custom?: Readonly<Record<string, unknown>> };
  };
}

interface Variable {
  readonly name: string;
  readonly query: unknown;
}

const models = buildDashboards(dashboardContext).map(
  ({ name, model }) =>
    [name, JSON.parse(JSON.stringify(model)) as { panels: Panel[]; templating: { list: Variable[] } }] as const,
);

/** `SELECT SUM(metric) FROM SCHEMA("namespace", dimension, ...) WHERE ...` */
function readSql(sql: string) {
  const [, name = '', from = '', rest = ''] = /^SELECT SUM\((\w+)\) FROM SCHEMA\(([^)]*)\)(.*)$/.exec(sql) ?? [];
  const [namespace = '', ...dimensions] = from.split(',').map((part) => part.trim().replaceAll('"', ''));
  const used = [...rest.matchAll(/(?:WHERE|AND|GROUP BY) (\w+)/g)].map(([, dimension = '']) => dimension);
  return { namespace, name, dimensions, used };
}

describe('what the panels ask CloudWatch for', () => {
  const asked = models.flatMap(([dashboard, { panels }]) =>
    panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ at: `${dashboard}: ${title}`, target }))),
  );

  it('is sent by somebody, with exactly these dimensions', () => {
    const metrics = asked.filter(({ target }) => target.metricName !== undefined);
    expect(metrics.length).toBeGreaterThan(30);
    const missing = metrics.filter(
      ({ target: { namespace = '', metricName = '', dimensions = {} } }) =>
        !isSent(namespace, metricName, Object.keys(dimensions)),
    );
    expect(missing).toEqual([]);
  });

  it('is sent by somebody where it is asked in SQL, which groups and filters by those dimensions', () => {
    const queries = asked.flatMap(({ at, target: { sqlExpression } }) =>
      sqlExpression === undefined ? [] : [{ at, ...readSql(sqlExpression) }],
    );
    expect(queries.length).toBeGreaterThan(2);
    for (const { at, namespace, name, dimensions, used } of queries) {
      expect(isSent(namespace, name, dimensions), `${at}: ${name} by ${dimensions}`).toBe(true);
      expect(dimensions, at).toEqual(expect.arrayContaining(used));
      expect(used.length, at).toBeGreaterThan(1);
    }
  });

  it('is what the variables offer values of', () => {
    const queries = models
      .flatMap(([, { templating }]) => templating.list.map(({ query }) => query))
      .filter((query) => (query as { queryType?: string }).queryType === 'dimensionValues') as {
      namespace: string;
      metricName: string;
      dimensionKey: string;
    }[];
    expect(queries).toHaveLength(2);
    for (const { namespace, metricName, dimensionKey } of queries) {
      expect(isSent(namespace, metricName, [dimensionKey]), metricName).toBe(true);
    }
  });
});

it('every name that alarms and panels take from the table of names is a metric that is sent', () => {
  const tables = { ContainerInsights: containerInsights, 'AWS/SQS': sqs, 'AWS/Lambda': lambda };
  for (const [namespace, { namespace: own, ...table }] of Object.entries(tables)) {
    expect(own).toBe(namespace);
    const names = Object.entries(table).filter(([key]) => key !== 'dimension' && key !== 'cluster');
    expect(Object.keys(cloudWatchMetrics[namespace] ?? {})).toEqual(
      expect.arrayContaining(names.map(([, name]) => name)),
    );
  }
});

it('the agent sends the counters of the SLOs with the dimensions that they are asked by', () => {
  const file = new URL('../../../../templates/kubernetes/components/cloudwatch/cwagentconfig.json', import.meta.url);
  const text = readFileSync(file, 'utf8');
  const [, dimensions = ''] = /"dimensions": (\[\[.*\]\])/.exec(text) ?? [];
  expect(JSON.parse(dimensions)).toEqual(cloudWatchMetrics.mlops?.mlops_slo_requests_total);
  expect(text).toMatch(/"metric_selectors": \["\^mlops_slo_requests_total\$", "\^mlops_slo_good_total\$"\]/);
});

describe('what is counted in each period of time', () => {
  // A pod sends 1 or 0 for each state: their sum over a minute is how many there are.
  const isCounted = ({ statistic, metricName, hide }: Target) =>
    hide !== true && statistic === 'Sum' && metricName !== undefined && !metricName.startsWith('pod_status_');
  const counting = models.flatMap(([dashboard, { panels }]) =>
    panels
      .filter(({ targets = [] }) => targets.some(isCounted))
      .map((panel) => [`${dashboard}: ${panel.title}`, panel] as const),
  );

  it.each(counting.filter(([, { type }]) => type === 'stat'))('is added up over the time shown: %s', (_at, panel) => {
    expect(panel.options?.reduceOptions?.calcs).toEqual(['sum']);
  });

  it.each(counting.filter(([, { type }]) => type !== 'stat'))(
    'is bars from 0, for a line would join hours, and its figure their sum: %s',
    (_at, panel) => {
      const { min, custom } = panel.fieldConfig?.defaults ?? {};
      expect([min, custom?.drawStyle]).toEqual([0, 'bars']);
      expect(panel.options?.legend?.calcs).toEqual(['sum', 'max']);
    },
  );

  it('is on several panels', () => {
    expect(counting.length).toBeGreaterThan(8);
  });
});

it('a point without a neighbour is seen', () => {
  const graphs = models.flatMap(([, { panels }]) => panels.filter(({ type }) => type === 'timeseries'));
  expect(graphs.map(({ fieldConfig }) => fieldConfig?.defaults.custom?.showPoints)).toEqual(graphs.map(() => 'auto'));
});
