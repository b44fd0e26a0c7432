import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { flightDelayRows } from '../../../src/lib/load-test/rows.js';
import { provisioningFiles } from '../../../src/lib/monitoring/grafana/provisioning.js';
import { burnAlert, prometheusRules } from '../../../src/lib/slo/compile/prometheus.js';
import { type PrometheusSloQueries, prometheusQueries } from '../../../src/lib/slo/compile/queries.js';
import type { RulesFile } from '../../../src/lib/slo/compile/rules-file.js';
import type { Slo } from '../../../src/lib/slo/types.js';
import { makeRules } from '../../../src/lib/slo/write-rules.js';
import { metricNames } from '../../support/metric-names.js';
import { startPrometheus } from '../../support/prometheus.js';
import { scrape, startServe } from '../../support/serve-process.js';
import { slowDown } from '../../support/slow-down.js';
import { tempDir } from '../../support/temp-dir.js';
import { tool } from '../../support/tools.js';

const prometheus = tool('prometheus');
const bin = join(import.meta.dirname, '..', '..', '..', 'bin', 'run.js');
const slo: Slo = { name: 'latency', sli: 'latency', thresholdMs: 250, target: 0.995, windowMs: 30 * 86_400_000 };
const project = 'watched';
/** 5 minutes become 4 seconds, 30 minutes 24, an hour 48. */
const windowScale = 1 / 75;

/** So many that a request is work for the server (a burst of tiny ones would be over before it is stopped again), and few enough for the queue. */
const rowsPerRequest = 1_000;

/** A server of the project, under load until the test ends. */
async function startLoadedServer() {
  const cwd = await tempDir();
  const text = `name: ${project}\nslos:\n  - { name: latency, sli: latency, threshold: 250ms, target: 99.5%, window: 30d }\n`;
  await writeFile(join(cwd, 'mlops.yaml'), text);
  const serve = await startServe(['--log-level', 'warn'], cwd);
  const [row] = flightDelayRows();
  await writeFile(join(cwd, 'body.json'), JSON.stringify({ array: Array(rowsPerRequest).fill(row) }));
  const url = `${serve.url}/api`;
  const load = [
    'load-test',
    url,
    '--body',
    '@body.json',
    '--connections',
    '4',
    '--duration',
    '100s',
    '--min-requests',
    '0',
  ];
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [bin, ...load], { cwd, env: { PATH, HOME, NO_COLOR: '1' }, stdio: 'ignore' });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return serve;
}

function expressions(file: RulesFile): string[] {
  return file.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
}

/** Whatever Grafana is given of ours that asks Prometheus: panels and alert rules. */
function grafanaExpressions(): string[] {
  const contacts = { slack: [], email: [], pagerduty: false, page: undefined, ticket: undefined };
  const aws = undefined;
  const files = provisioningFiles({
    project,
    slos: [slo],
    aws,
    sloCounters: undefined,
    prometheusUrl: undefined,
    job: project,
    contacts,
    policies: false,
  });
  return files.flatMap(({ text }) => expressionsIn(parse(text)));
}

function expressionsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'expr' && typeof inner === 'string' ? [inner] : expressionsIn(inner),
  );
}

function queries({ burnRates, ...others }: PrometheusSloQueries): string[] {
  return [...Object.values(others), ...burnRates.map(({ query }) => query)];
}

describe.skipIf(prometheus === undefined)('a real Prometheus that scrapes mlops serve under mlops load-test', () => {
  it('has every metric of every rule; the page fires when the server is slow, and ends when it recovers', async () => {
    const serve = await startLoadedServer();
    // The first requests of a process are slow. Prometheus counts from its first scrape on, so that they are not in it.
    const requests = 'mlops_slo_requests_total{slo="latency"}';
    await expect.poll(() => scrape(serve.url, requests), { timeout: 20_000 }).toBeGreaterThan(1_000);
    const site = { name: project, target: undefined, namespace: undefined, components: [] };
    const rules = await makeRules([slo], site, { job: project, windowScale });
    const target = new URL(serve.url).host;
    const server = await startPrometheus(prometheus as string, {
      job: project,
      target,
      interval: '1s',
      rules: rules.yaml,
    });
    await expect.poll(() => server.value('count(slo:error_budget:remaining_ratio)'), { timeout: 15_000 }).toBe(1);

    const used = [
      ...expressions(rules.file),
      ...expressions(prometheusRules([slo], { project, job: project })),
      ...queries(prometheusQueries(slo, { project, matchers: [{ label: 'job', value: project }] })),
      ...grafanaExpressions(),
    ].flatMap(metricNames);
    const recorded = [rules.file, prometheusRules([slo], { project, job: project })]
      .flatMap(({ groups }) => groups.flatMap((group) => group.rules))
      .flatMap((rule) => ('record' in rule ? [rule.record] : []));
    const stored = await server.names();
    expect(grafanaExpressions().length).toBeGreaterThan(10);
    expect([...new Set(used)].filter((name) => !stored.has(name) && !recorded.includes(name))).toEqual([]);
    expect(await server.firing(burnAlert)).not.toContain('page');

    const recovered = new AbortController();
    onTestFinished(() => recovered.abort());
    const slow = slowDown(serve.pid, 400, 15, recovered.signal);
    await expect.poll(() => server.firing(burnAlert), { timeout: 50_000, interval: 500 }).toContain('page');
    recovered.abort();
    await slow;
    await expect.poll(() => server.firing(burnAlert), { timeout: 45_000, interval: 500 }).not.toContain('page');
  });
});
