import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { freePort } from './free-port.js';
import { tempDir } from './temp-dir.js';

export interface PrometheusServer {
  readonly url: string;
  /** The value of an instant query that has one series; undefined when it has none. */
  value(promql: string): Promise<number | undefined>;
  /** Severities of the alerts of that name which fire. */
  firing(alert: string): Promise<string[]>;
  /** Every metric that has been stored. */
  names(): Promise<Set<string>>;
  /** The names of the labels that each of them has. */
  labels(): Promise<Map<string, Set<string>>>;
}

export interface Scrape {
  readonly job: string;
  /** `host:port` */
  readonly target: string;
  readonly interval: string;
  /** YAML of `rule_files`. */
  readonly rules: string;
  /** What the discovery of targets puts on every series. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A Prometheus of its own with one scrape, ready, that ends with the test. */
export async function startPrometheus(program: string, scrape: Scrape): Promise<PrometheusServer> {
  const dir = await tempDir();
  const { job, target, interval, rules, labels = {} } = scrape;
  await writeFile(join(dir, 'rules.yaml'), rules);
  const config = {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: ['rules.yaml'],
    scrape_configs: [{ job_name: job, static_configs: [{ targets: [target], labels }] }],
  };
  await writeFile(join(dir, 'prometheus.yaml'), stringify(config));
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    program,
    [
      `--config.file=${join(dir, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=${new URL(url).host}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const isReady = () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(async () => child.exitCode !== null || (await isReady()), { timeout: 20_000 }).toBe(true);
  if (child.exitCode !== null) throw new Error(`prometheus did not start: ${log}`);

  const get = async <T>(path: string): Promise<T> => {
    const answer = (await (await fetch(`${url}/api/v1/${path}`)).json()) as { data: T; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.data;
  };
  return {
    url,
    async value(promql) {
      const { result } = await get<{ result: { value: [number, string] }[] }>(
        `query?query=${encodeURIComponent(promql)}`,
      );
      return result[0] === undefined ? undefined : Number(result[0].value[1]);
    },
    async firing(alert) {
      const { alerts } = await get<{ alerts: { state: string; labels: Record<string, string> }[] }>('alerts');
      const own = alerts.filter(({ state, labels }) => state === 'firing' && labels.alertname === alert);
      return own.map(({ labels }) => labels.severity ?? '').sort();
    },
    names: async () => new Set(await get<string[]>('label/__name__/values')),
    async labels() {
      const found = new Map<string, Set<string>>();
      for (const { __name__: name = '', ...labels } of await get<Record<string, string>[]>(
        'series?match[]={job!=""}',
      )) {
        const known = found.get(name) ?? new Set();
        for (const label of Object.keys(labels)) known.add(label);
        found.set(name, known);
      }
      return found;
    },
  };
}
