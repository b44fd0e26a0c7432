import { describe, expect, it } from 'vitest';
import { silentReporter } from '../../../../src/lib/base/progress/reporter.js';
import { runApply } from '../../../../src/lib/monitoring/grafana/run-apply.js';
import { projectSchema } from '../../../../src/lib/project/schema.js';
import { errorOf } from '../../../support/errors.js';
import { type GrafanaFault, startFakeGrafana } from '../../../support/fake-grafana.js';
import { tempDir } from '../../../support/temp-dir.js';

async function start({ timeoutMs = 150 } = {}) {
  const grafana = await startFakeGrafana();
  const dir = await tempDir();
  const waits: number[] = [];
  const controller = new AbortController();
  const run = () =>
    runApply(
      {
        project: { file: undefined, dir, config: projectSchema.parse({ name: 'demo' }) },
        url: grafana.url,
        token: 'env://TOKEN',
        job: undefined,
        dataSources: false,
        dryRun: false,
        signal: controller.signal,
        env: { TOKEN: grafana.token },
      },
      silentReporter,
      { fetch, sleep: async (ms) => void waits.push(ms), timeoutMs },
    );
  /** The calls of this kind so far. */
  const count = (call: string) => grafana.calls.filter((made) => made === call).length;
  return { grafana, run, waits, controller, count };
}

const read = 'GET /api/folders/demo-folder';
const write = 'POST /api/folders';
const html = '<html>Sign in</html>';
const times = (count: number, fault: GrafanaFault) => Array.from({ length: count }, () => fault);

describe('a read that fails in passing', () => {
  it.each<[string, GrafanaFault]>([
    ['silence', { breaks: 'hang' }],
    ['a broken connection', { breaks: 'reset' }],
    ['half an answer', { breaks: 'cut' }],
    ['500', { status: 500, body: '{"message":"database is locked"}' }],
    ['502 of a proxy', { status: 502, body: html }],
    ['504 of a proxy', { status: 504, body: html }],
    ['429', { status: 429 }],
  ])('is asked again: %s', async (_what, fault) => {
    const { grafana, run, waits, count } = await start();
    grafana.faults.push({ ...fault, on: read }, { ...fault, on: read });
    expect((await run()).items[0]).toMatchObject({ kind: 'folder', action: 'create' });
    expect([count(read), waits]).toEqual([3, [500, 1000]]);
  });

  it('waits as long as Grafana asks, in seconds or until a date, but not for ever', async () => {
    const { grafana, run, waits } = await start();
    const busy = (value: string): GrafanaFault => ({ status: 429, headers: { 'retry-after': value } });
    const soon = new Date(Date.now() + 20_000).toUTCString();
    grafana.faults.push(busy('7'), busy(soon), busy('3600'));
    await run();
    expect(waits).toEqual([7000, expect.any(Number), 30_000]);
    expect(waits[1]).toBeGreaterThan(10_000);
    expect(waits[1]).toBeLessThanOrEqual(20_000);
  });

  it.each<[string, GrafanaFault, string, number, RegExp]>([
    ['silence', { breaks: 'hang' }, 'GRAFANA_UNREACHABLE', 5, /no answer within 0.15 s, 4 times/],
    ['broken connections', { breaks: 'reset' }, 'GRAFANA_UNREACHABLE', 5, /4 times/],
    ['500', { status: 500, body: '{"message":"disk full"}' }, 'GRAFANA_FAILED', 1, /HTTP 500: disk full/],
    ['429', { status: 429, headers: { 'retry-after': '1' } }, 'GRAFANA_FAILED', 1, /HTTP 429/],
  ])('is an error with a next step when it does not pass: %s', async (_what, fault, code, exitCode, why) => {
    const { grafana, run, count } = await start();
    grafana.faults.push(...times(10, fault));
    const error = await errorOf(run);
    expect(error).toMatchObject({ code, exitCode, why: expect.stringMatching(why) });
    expect(error.actions.length).toBeGreaterThan(0);
    expect(count(read)).toBe(4);
  });
});

describe('a write', () => {
  it.each<[string, GrafanaFault]>([
    ['silence', { breaks: 'hang' }],
    ['a broken connection', { breaks: 'reset' }],
    ['half an answer', { breaks: 'cut' }],
  ])(
    'that got no answer is not sent again, for it may have been done; the next run knows: %s',
    async (_what, fault) => {
      const { grafana, run, count } = await start();
      grafana.faults.push({ ...fault, on: write, afterwards: true });
      const error = await errorOf(run);
      expect(error).toMatchObject({ code: 'GRAFANA_NO_ANSWER', exitCode: 1, why: expect.stringContaining(write) });
      expect(error.actions[0]).toContain('mlops dashboard apply');
      expect(count(write)).toBe(1);
      expect((await run()).items.map(({ action }) => action)).toEqual(['unchanged', ...Array(5).fill('create')]);
      expect(count(write)).toBe(1);
    },
  );

  it('that a proxy answers with 502 is not sent again either', async () => {
    const { grafana, run, count } = await start();
    grafana.faults.push({ status: 502, body: html, on: write, afterwards: true });
    await expect(run()).rejects.toMatchObject({ code: 'GRAFANA_FAILED', why: expect.stringContaining('HTTP 502') });
    expect(count(write)).toBe(1);
  });

  it('that Grafana refused before it began is', async () => {
    const { grafana, run, waits, count } = await start();
    grafana.faults.push({ status: 429, headers: { 'retry-after': '3' }, on: write });
    await run();
    expect([count(write), waits]).toEqual([2, [3000]]);
  });
});

describe('what is not Grafana', () => {
  it.each<[string, GrafanaFault]>([
    ['a page instead of JSON', { status: 200, body: html }],
    ['a server that has no such page', { status: 404, body: '404 page not found' }],
  ])('is found out before anything is written: %s', async (_what, fault) => {
    const { grafana, run } = await start();
    grafana.faults.push(fault);
    await expect(run()).rejects.toMatchObject({ code: 'GRAFANA_FAILED', why: expect.stringContaining('not JSON') });
    expect(grafana.calls).toEqual([read]);
  });

  it('a redirect is named without its ticket, and the token does not follow it', async () => {
    const { grafana, run } = await start();
    const location = 'https://login.example.com/sso?ticket=secret';
    grafana.faults.push({ status: 302, headers: { location } });
    const error = await errorOf(run);
    expect(error).toMatchObject({ code: 'GRAFANA_REDIRECTS', exitCode: 1 });
    expect(error.why).toContain('to https://login.example.com/sso;');
    expect(JSON.stringify(error)).not.toMatch(/ticket|glsa_/);
    expect(grafana.calls).toEqual([read]);
  });
});

it('Ctrl-C ends a call that is never answered', async () => {
  const { grafana, run, controller } = await start({ timeoutMs: 30_000 });
  grafana.faults.push({ breaks: 'hang' });
  const result = expect(run()).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
  await expect.poll(() => grafana.calls).toEqual([read]);
  controller.abort('SIGINT');
  await result;
  expect(grafana.calls).toEqual([read]);
});
