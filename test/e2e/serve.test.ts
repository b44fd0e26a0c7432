import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCli } from '../support/cli.js';
import { loadUntil } from '../support/keep-alive-client.js';
import { RawConnection } from '../support/raw-http.js';
import { scrape, spawnServe, startServe } from '../support/serve-process.js';

const zeros = JSON.stringify({ array: Array<number>(37).fill(0) });
const json = { 'content-type': 'application/json' };

describe('mlops serve', () => {
  it('serves the bundled model, drains on SIGTERM without losing a request, and exits 0', async () => {
    const { url, pid, port, child, stdout, log, exited } = await startServe();
    expect(JSON.parse(stdout[0] ?? '')).toEqual({ url, model: 'flight-delay', pid: child.pid });
    expect(pid).toBe(child.pid);
    const answer = await fetch(`${url}/api`, { method: 'POST', headers: json, body: zeros });
    expect([answer.status, await answer.text()]).toEqual([200, '{"predicciones":[0]}']);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);

    const enough = new AbortController();
    const load = loadUntil(url, 20, zeros, enough.signal);
    await setTimeout(300);
    const idle = new RawConnection(port);
    child.kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
    // A load balancer takes a while to believe it; until then everything is answered.
    await setTimeout(500);
    enough.abort();
    const totals = await load;
    expect(totals).toEqual({ answered: expect.any(Number), wrong: 0, lost: [], refused: 0 });
    expect(totals.answered).toBeGreaterThan(100);
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(idle.closed).toBe(true);
    expect(stdout).toHaveLength(1);
    expect(log.map(({ msg }) => msg)).toEqual(['starting', 'ready', 'draining', 'stopped']);
  });

  it.each(['1', '2'])('loses no request of clients that connect anew for each (%s workers)', async (workers) => {
    const { url, child, exited } = await startServe(['--workers', workers, '--drain-delay', '200ms']);
    const load = loadUntil(url, 40, zeros, new AbortController().signal, { keepAlive: false });
    await setTimeout(300);
    child.kill('SIGTERM');
    expect(await load).toEqual({ answered: expect.any(Number), wrong: 0, lost: [], refused: 40 });
    expect(await exited).toEqual({ code: 0, signal: null });
  });

  it('on Ctrl-C finishes what is in flight without the drain delay', async () => {
    const { url, child, exited, log } = await startServe(['--drain-delay', '60s']);
    const load = loadUntil(url, 10, zeros, new AbortController().signal);
    await setTimeout(200);
    child.kill('SIGINT');
    const totals = await load;
    expect(totals).toMatchObject({ wrong: 0, refused: 10 });
    expect(await exited).toEqual({ code: 0, signal: null });
    expect(log.at(-1)).toMatchObject({ msg: 'stopped' });
  });

  it('ends at once at the second signal', async () => {
    const { url, child, exited } = await startServe(['--drain-delay', '60s']);
    child.kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
    child.kill('SIGTERM');
    expect(await exited).toEqual({ code: 130, signal: null });
  });

  it('says in text what it serves, where, and a command that tries it', async () => {
    const { stdout, log, child, exited } = spawnServe(['--port', '0', '--log-level', 'silent']);
    await expect.poll(() => stdout.length, { timeout: 15_000 }).toBe(2);
    expect(stdout[0]).toMatch(/^Serving flight-delay 1 on http:\/\/127\.0\.0\.1:\d+ \(Ctrl-C stops it\)$/);
    const [, url = '', type = '', body = ''] = /^Try it: curl (\S+) -H '(.*)' -d '(.*)'$/.exec(stdout[1] ?? '') ?? [];
    const [header = '', value = ''] = type.split(': ');
    const answer = await fetch(url, { method: 'POST', headers: { [header]: value }, body });
    expect(await answer.json()).toEqual({ predicciones: [0] });
    child.kill('SIGINT');
    expect([await exited, stdout.length, log]).toEqual([{ code: 0, signal: null }, 2, []]);
  });
});

describe('what mlops serve refuses', () => {
  const failure = async (args: readonly string[], env: Record<string, string> = {}) => {
    const { exitCode, stdout } = await runCli(['serve', '--json', ...args], { env });
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; actions: string[] } };
    return { exitCode, ...error };
  };

  it('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await expect.poll(() => other.listening).toBe(true);
    const { port } = other.address() as { port: number };
    const error = await failure([], { PORT: String(port) });
    expect(error).toMatchObject({ exitCode: 1, code: 'PORT_IN_USE', message: `Port ${port} is in use` });
    expect(error.actions[0]).toContain('--port 0');
  });

  it('a model that is not there, a PORT that is none, an address that is not ours', async () => {
    const [model, port, host] = await Promise.all([
      failure(['nowhere.onnx']),
      failure([], { PORT: 'eighty' }),
      failure(['--port', '0', '--host', '192.0.2.1']),
    ]);
    expect(model).toMatchObject({ exitCode: 2, code: 'MODEL_NOT_FOUND' });
    expect(port).toMatchObject({ exitCode: 2, code: 'INVALID_PORT' });
    expect(host).toMatchObject({ exitCode: 1, code: 'HOST_NOT_LOCAL' });
  });
});

describe('mlops serve --workers', () => {
  it('shares the port, sums the metrics, replaces a worker that dies and forgets nothing it counted', async () => {
    const { url, port, child, log, exited } = await startServe(['--workers', '2']);
    const series = 'mlops_requests_total{route="/api",code="200"}';
    const workers = () => log.filter(({ msg }) => msg === 'worker ready').map(({ workerPid }) => Number(workerPid));
    const predict = async () => {
      // A connection of its own for each, so that both workers get some.
      const answer = await fetch(`${url}/api`, {
        method: 'POST',
        body: zeros,
        headers: { ...json, connection: 'close' },
      });
      expect(await answer.text()).toBe('{"predicciones":[0]}');
    };
    await expect.poll(() => workers().length).toBe(2);
    for (let request = 0; request < 10; request++) await predict();
    expect(await scrape(url, series)).toBe(10);
    expect(await scrape(url, 'mlops_slo_good_total{slo="availability"}')).toBe(10);

    process.kill(workers()[0] as number, 'SIGKILL');
    await expect.poll(() => workers().length, { timeout: 10_000 }).toBe(3);
    expect(await scrape(url, series)).toBe(10);
    for (let request = 0; request < 4; request++) await predict();
    expect(await scrape(url, series)).toBe(14);

    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const both = [1, 2].map(() => new RawConnection(port).send(get('/healthz')));
    await expect.poll(() => both.map(({ statuses }) => statuses)).toEqual([[200], [200]]);
    const blocked = workers()[1] as number;
    process.kill(blocked, 'SIGSTOP');
    for (const connection of both) connection.send(get('/metrics'));
    const scraped = () => both.filter(({ received }) => received.includes(`${series} 14\n`)).length;
    await expect.poll(scraped, { timeout: 5_000 }).toBe(1);
    process.kill(blocked, 'SIGCONT');
    await expect.poll(scraped, { timeout: 5_000 }).toBe(2);

    const enough = new AbortController();
    const load = loadUntil(url, 10, zeros, enough.signal);
    child.kill('SIGTERM');
    await setTimeout(500);
    enough.abort();
    expect(await load).toMatchObject({ wrong: 0, lost: [], refused: 0 });
    expect(await exited).toEqual({ code: 0, signal: null });
  });
});
