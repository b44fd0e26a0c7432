import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCli } from '../support/cli.js';
import { RawConnection, rawPost } from '../support/raw-http.js';
import { scrape, startServe } from '../support/serve-process.js';

const zeros = JSON.stringify({ array: Array<number>(37).fill(0) });
const answered = 'mlops_requests_total{route="/api",code="200"}';
const unmatched = 'mlops_requests_total{route="(unmatched)",code="404"}';

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('mlops serve --metrics-port', () => {
  it.each(['1', '2'])('has the metrics of all %s workers there alone, until the end', async (workers) => {
    const args = ['--metrics-port', '0', '--workers', workers, '--drain-delay', '300ms'];
    const { url, port, stdout, log, child, exited } = await startServe(args);
    const { metricsUrl } = JSON.parse(stdout[0] ?? '') as { metricsUrl: string };
    expect(metricsUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    // Another pipe than stdout's: it may come later, though it was written earlier.
    await expect.poll(() => log.find(({ msg }) => msg === 'ready')).toMatchObject({ url, metricsUrl });
    const metrics = new URL(metricsUrl).origin;
    const predict = async (times: number) => {
      // A connection of its own for each, so that every worker gets some.
      const headers = { 'content-type': 'application/json', connection: 'close' };
      for (let time = 0; time < times; time++) {
        expect((await fetch(`${url}/api`, { method: 'POST', headers, body: zeros })).status).toBe(200);
      }
    };
    await predict(10);
    expect(await scrape(metrics, answered)).toBe(10);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
    expect((await fetch(metricsUrl)).headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const path of ['/', '/api', '/healthz', '/readyz']) {
      expect((await fetch(`${metrics}${path}`)).status, path).toBe(404);
    }
    const posted = await fetch(metricsUrl, { method: 'POST', body: zeros });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    // One stray request came to the service; those to the metrics port are nobody's.
    expect(await scrape(metrics, unmatched)).toBe(1);
    expect(await scrape(metrics, 'mlops_requests_total{route="/metrics",code="200"}')).toBeUndefined();

    const request = rawPost(zeros);
    const slow = new RawConnection(port).send(request.slice(0, -10));
    await setTimeout(100);
    child.kill('SIGTERM');
    await predict(6);
    await expect.poll(() => fetch(`${url}/readyz`).catch(() => 'closed'), { timeout: 5_000 }).toBe('closed');
    if (workers === '2') {
      // The worker that has nothing more to do is gone; what it counted is not.
      const pids = log.flatMap(({ msg, workerPid }) => (msg === 'worker ready' ? [Number(workerPid)] : []));
      await expect.poll(() => pids.filter(isAlive), { timeout: 5_000 }).toHaveLength(1);
    }
    await expect.poll(() => scrape(metrics, answered)).toBe(16);
    slow.send(request.slice(-10));
    await expect.poll(() => slow.statuses).toEqual([200]);
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(await fetch(metricsUrl).catch(() => 'closed')).toBe('closed');
  });
});

describe('a service of which every worker hangs', () => {
  it('fails its scrapes, so that an alert on servers that are down sees it', async () => {
    const { stdout, log } = await startServe(['--metrics-port', '0', '--workers', '2']);
    const { metricsUrl } = JSON.parse(stdout[0] ?? '') as { metricsUrl: string };
    const ready = () => log.flatMap(({ msg, workerPid }) => (msg === 'worker ready' ? [Number(workerPid)] : []));
    await expect.poll(ready).toHaveLength(2);
    const workers = ready();
    const status = async () => (await fetch(metricsUrl)).status;
    onTestFinished(() => {
      for (const pid of workers.filter(isAlive)) process.kill(pid, 'SIGCONT');
    });
    for (const pid of workers) process.kill(pid, 'SIGSTOP');
    expect(await status()).toBe(200);
    await expect.poll(status, { timeout: 60_000, interval: 1_000 }).toBe(503);
    for (const pid of workers) process.kill(pid, 'SIGCONT');
    await expect.poll(status, { timeout: 10_000 }).toBe(200);
  }, 90_000);
});

describe('what it refuses', () => {
  const failure = async (env: Record<string, string>) => {
    const { exitCode, stdout } = await runCli(['serve', '--json'], { env });
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; actions: string[] } };
    return { exitCode, ...error };
  };

  it.each(['1', '2'])('a port that is taken, by its name (%s workers)', async (workers) => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await expect.poll(() => other.listening).toBe(true);
    const { port } = other.address() as { port: number };
    const error = await failure({ PORT: '0', MLOPS_METRICS_PORT: String(port), MLOPS_WORKERS: workers });
    const message = `The metrics port ${port} is in use`;
    expect(error).toMatchObject({ exitCode: 1, code: 'PORT_IN_USE', message });
    expect(error.actions[0]).toContain('--metrics-port 0');
  });

  it('the port of the service', async () => {
    const error = await failure({ PORT: '9090', MLOPS_METRICS_PORT: '9090' });
    expect(error).toMatchObject({ exitCode: 2, code: 'PORTS_EQUAL', message: expect.stringContaining('9090') });
  });
});
