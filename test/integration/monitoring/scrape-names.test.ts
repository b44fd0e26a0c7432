import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runCli } from '../../support/cli.js';
import { labelUse, metricNames } from '../../support/metric-names.js';
import { startPrometheus } from '../../support/prometheus.js';
import { startServe } from '../../support/serve-process.js';
import { tempDir } from '../../support/temp-dir.js';
import { tool } from '../../support/tools.js';

const prometheus = tool('prometheus');

/** A query, and the labels that its legend or the texts of its alert show. */
interface Query {
  readonly at: string;
  readonly expr: string;
  readonly shown: readonly string[];
  /** Put on the result by the rule itself. */
  readonly added: readonly string[];
}

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
}

const templateLabels = (text: string) => [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label);
const legendLabels = (text: string) => [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label = '']) => label);

/** Every object with an `expr` in a document, however deep. */
function queriesIn(value: unknown, at: string): Query[] {
  if (typeof value !== 'object' || value === null) return [];
  const { expr, legendFormat, title } = value as { expr?: unknown; legendFormat?: string; title?: unknown };
  const here = typeof title === 'string' ? `${at}: ${title}` : at;
  if (typeof expr === 'string') return [{ at: here, expr, shown: legendLabels(legendFormat ?? ''), added: [] }];
  return Object.values(value).flatMap((inner) => queriesIn(inner, here));
}

function ruleQueries(rules: readonly Rule[]): Query[] {
  return rules.map((rule) => ({
    at: rule.record ?? rule.alert ?? '',
    expr: rule.expr,
    shown: templateLabels(JSON.stringify(rule)),
    added: Object.keys(rule.labels),
  }));
}

/** What `mlops slo rules` and `mlops dashboard generate` write for a project on AWS, and what the templates of Kubernetes ask. */
async function written() {
  const cwd = await tempDir();
  await writeFile(join(cwd, 'mlops.yaml'), 'name: watched\ncloud: aws\ndeploy: { target: eks }\n');
  const rules = await runCli(['slo', 'rules'], { cwd });
  const generated = await runCli(['dashboard', 'generate', '--json'], { cwd });
  expect([rules.exitCode, generated.exitCode]).toEqual([0, 0]);
  const { files } = JSON.parse(generated.stdout) as { files: { path: string }[] };
  const documents = await Promise.all(
    files.map(async ({ path }) => ({
      path,
      document: parse(await readFile(join(cwd, 'grafana', path), 'utf8')) as unknown,
    })),
  );
  const scaler = new URL('../../../templates/kubernetes/components/keda/scaled-object.yaml', import.meta.url);
  const [, scalerQuery = ''] = /query: (.*)/.exec(await readFile(scaler, 'utf8')) ?? [];
  const groups = (parse(rules.stdout) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
  const queries = [
    ...documents.flatMap(({ path, document }) => queriesIn(document, path)),
    ...ruleQueries(groups),
    { at: 'scaled-object.yaml', expr: scalerQuery.replace(/^['"]|['"]$/g, ''), shown: [], added: [] },
  ];
  const variables = [...JSON.stringify(documents).matchAll(/label_values\(((?:\\\\.|[^()])+), (\w+)\)/g)].map(
    ([, metric = '', label = '']) => ({ metric: metric.replaceAll('\\', ''), label }),
  );
  const recorded = groups.flatMap(({ record, labels }) => (record === undefined ? [] : [[record, labels] as const]));
  return { cwd, queries, variables, recorded, dashboards: documents.filter(({ path }) => path.endsWith('.json')) };
}

describe.skipIf(prometheus === undefined)('the metrics and labels of every panel, rule and variable', () => {
  it('exist in what a real Prometheus scrapes from mlops serve', async () => {
    const { cwd, queries, variables, recorded, dashboards } = await written();
    const serve = await startServe(['--log-level', 'warn'], cwd);
    const server = await startPrometheus(prometheus as string, {
      job: 'watched',
      target: new URL(serve.url).host,
      interval: '1s',
      rules: 'groups: []\n',
      // As the Prometheus operator does for the pods of a PodMonitor, beside pod, container and endpoint
      // (github.com/prometheus-operator/prometheus-operator, pkg/prometheus/promcfg.go, generatePodMonitorConfig).
      labels: { namespace: 'default' },
    });
    await expect.poll(() => server.value('count(mlops_slo_requests_total)'), { timeout: 15_000 }).toBe(2);
    const known = await server.labels();
    for (const [name, labels] of recorded) known.set(name, new Set(Object.keys(labels)));

    expect(dashboards.map(({ path }) => path)).toContain('dashboards/eks.json');
    expect(queries.filter(({ at }) => at.includes('eks.json')).length).toBeGreaterThan(0);
    expect(queries.length).toBeGreaterThan(60);
    expect(variables.length).toBeGreaterThan(4);
    expect(queries.flatMap((query) => problems(query, known))).toEqual([]);
    expect(variables.filter(({ metric, label }) => !hasLabel(known, metric, label))).toEqual([]);
  });

  it.each([
    ['a metric that is not there', 'sum(rate(mlops_request_total[1m]))', 'mlops_request_total'],
    ['a matcher on a label that is not there', 'sum(rate(mlops_requests_total{status="500"}[1m]))', 'status'],
    ['a group by a label that is not there', 'sum by (path) (rate(mlops_requests_total[1m]))', 'path'],
    ['a legend of a label that is summed away', 'sum by (code) (rate(mlops_requests_total[1m]))', 'route'],
  ])('would not pass with %s', (_what, expr, missing) => {
    const known = new Map([['mlops_requests_total', new Set(['code', 'route'])]]);
    expect(problems({ at: 'here', expr, shown: missing === 'route' ? ['route'] : [], added: [] }, known)).toEqual([
      expect.stringContaining(missing),
    ]);
  });
});

function problems({ at, expr, shown, added }: Query, known: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const names = metricNames(expr);
  const { selectors, clauses } = labelUse(expr);
  const missing = names.filter((name) => !known.has(name)).map((name) => `${at}: no metric ${name}`);
  if (missing.length > 0) return missing;
  // What is aggregated keeps the labels of its clause; anything else those of its metrics.
  const results = new Set([...added, ...(/\b(sum|count|max|min|avg)\b/.test(expr) ? clauses : all(known, names))]);
  return [
    ...selectors.flatMap(({ metric, labels }) =>
      labels
        .filter((label) => !hasLabel(known, metric, label))
        .map((label) => `${at}: ${metric} has no label ${label}`),
    ),
    ...clauses.filter((label) => !all(known, names).includes(label)).map((label) => `${at}: nothing has ${label}`),
    ...shown.filter((label) => !results.has(label)).map((label) => `${at}: the result has no ${label} to show`),
  ];
}

function hasLabel(known: ReadonlyMap<string, ReadonlySet<string>>, selector: string, label: string): boolean {
  return known.get(selector.replace(/\{.*/, ''))?.has(label) ?? false;
}

function all(known: ReadonlyMap<string, ReadonlySet<string>>, names: readonly string[]): string[] {
  return names.flatMap((name) => [...(known.get(name) ?? [])]);
}
