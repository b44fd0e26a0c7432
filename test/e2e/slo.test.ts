import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { SloOverview } from '../../src/lib/slo/show.js';
import { runCli } from '../support/cli.js';
import { tempDir } from '../support/temp-dir.js';

async function project(text: string): Promise<string> {
  const cwd = await tempDir();
  await writeFile(join(cwd, 'mlops.yaml'), text);
  return cwd;
}

describe('mlops slo', () => {
  it('show: the same for people and as one JSON document', async () => {
    const cwd = await tempDir();
    const [text, json] = await Promise.all([
      runCli(['slo', 'show', '--rate', '50/s'], { cwd }),
      runCli(['slo', 'show', '--json'], { cwd }),
    ]);
    expect(text).toMatchObject({ exitCode: 0, stderr: '' });
    expect(text.stdout).toContain('43.2 min of complete outage, or 129,600 bad requests');
    const overview = JSON.parse(json.stdout) as SloOverview;
    expect(overview.slos.map(({ name, budget }) => [name, budget.requests])).toEqual([
      ['availability', null],
      ['latency', null],
    ]);
  });

  it('show: of a speech model, the default threshold is one of recordings, and 100 ms are warned of', async () => {
    const usual = await runCli(['slo', 'show'], { cwd: await project('model: moonshine-tiny\n') });
    expect(usual).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('good within 30 s, over 30d') });
    expect(usual.stdout).not.toContain('warning');
    const slo = '{ name: latency, sli: latency, threshold: 100ms, target: 99%, window: 30d }';
    const tight = await runCli(['slo', 'show'], { cwd: await project(`model: moonshine-tiny\nslos: [${slo}]\n`) });
    expect(tight.stdout).toContain(
      'warning: latency: within 100 ms a speech model transcribes recordings of up to 2 s',
    );
  });

  it('show: an SLO that cannot be watched is shown all the same, exit 2; rules refuse it', async () => {
    const cwd = await project('slos: [{ name: hourly, sli: availability, target: 99%, window: 30m }]\n');
    const shown = await runCli(['slo', 'show'], { cwd });
    expect(shown.exitCode).toBe(2);
    expect(shown.stdout).toContain('error: hourly: the window of 30m is too short');
    const rules = await runCli(['slo', 'rules', '--json'], { cwd });
    expect(rules.exitCode).toBe(2);
    expect(JSON.parse(rules.stdout)).toMatchObject({ error: { code: 'SLO_INVALID', exitCode: 2 } });
  });

  it('rules: YAML on stdout or in a file, and the same as JSON', async () => {
    const cwd = await project('name: demo\n');
    const [printed, written, json] = await Promise.all([
      runCli(['slo', 'rules', '--job', 'serving'], { cwd }),
      runCli(['slo', 'rules', '--job', 'serving', '--output', 'monitoring/rules.yaml'], { cwd }),
      runCli(['slo', 'rules', '--job', 'serving', '--json'], { cwd }),
    ]);
    expect(printed.stdout).toContain('mlops_slo_good_total{job="serving",slo="latency"}');
    expect(written.stdout).toBe('');
    const file = parse(await readFile(join(cwd, 'monitoring/rules.yaml'), 'utf8'));
    expect(file).toEqual(parse(printed.stdout));
    expect(file).toEqual(JSON.parse(json.stdout));
  });

  it('a rate that is none, and a load test without SLOs to judge by, are wrong usage', async () => {
    const cwd = await project('slos: []\n');
    const [rate, load] = await Promise.all([
      runCli(['slo', 'show', '--rate', 'fast'], { cwd }),
      runCli(['load-test', '--slo', '--json'], { cwd }),
    ]);
    expect(rate).toMatchObject({ exitCode: 2, stdout: '' });
    expect(load.exitCode).toBe(2);
    expect(JSON.parse(load.stdout)).toMatchObject({ error: { code: 'SLO_NONE' } });
  });
});
