import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LoadTestOptions } from '../../../src/lib/load-test/options.js';
import { runLoadTest } from '../../../src/lib/load-test/run-load-test.js';
import { selfSignedCertificate } from '../../support/certificate.js';
import { loadTestDeps, loadTestOptions } from '../../support/load-test-deps.js';
import { type Script, startScriptedServer } from '../../support/scripted-server.js';

const predict: Script = (_request, wire) => wire.answer(200, '{"predicciones":[0]}');

async function serverWith(script: Script) {
  const server = await startScriptedServer(script);
  onTestFinished(() => server.stop());
  return server;
}

describe('a load test of a URL', () => {
  it('passes when every answer is right, and describes itself', async () => {
    const server = await serverWith(predict);
    const deps = loadTestDeps();
    const result = await runLoadTest(loadTestOptions({ url: server.url, durationMs: 300, threads: 2 }), deps);
    expect(result).toMatchObject({
      schemaVersion: 1,
      verdict: 'pass',
      reasons: [],
      target: {
        url: `${server.url}/api`,
        method: 'POST',
        served: false,
        model: null,
        distinctRequests: 552,
        insecure: false,
      },
      load: {
        model: 'closed',
        connections: 4,
        threads: 2,
        durationSeconds: 0.3,
        measuredSeconds: 0.3,
        rate: null,
        arrivals: null,
      },
      requests: { planned: null, failed: 0, late: null, connects: 4 },
      firstFailure: null,
      environment: { mlops: '0.0.0-test', node: process.versions.node, sameHost: true },
    });
    // One request is the preflight.
    expect(result.requests.sent).toBe(server.requests - 1);
    expect(result.throughput.meanPerSecond).toBeCloseTo(result.requests.ok / 0.3, 1);
    expect(result.serviceTimeMs).toEqual(result.latencyMs);
    expect(Date.parse(result.startedAt)).not.toBeNaN();
    expect(deps.said.join('\n')).toMatch(/testing http:.*\/api\.\ndone: Asking .*\n[\d,]+ ok · /s);
  });

  it('sends the 552 rows in turn', async () => {
    const server = await serverWith(predict);
    await runLoadTest(loadTestOptions({ url: `${server.url}/api`, connections: 1 }), loadTestDeps());
    expect(new Set(server.bodies.slice(1, 553)).size).toBe(Math.min(552, server.bodies.length - 1));
  });

  it('does not take errors for requests: a body with a wrong field name', async () => {
    const server = await serverWith(({ body }, wire) => {
      if ('array' in JSON.parse(body)) predict({ number: 0, onConnection: 0, head: '', body }, wire);
      else wire.answer(400, '{"error":"expected \\"array\\", a list of 37 numbers"}');
    });
    const result = await runLoadTest(
      loadTestOptions({ url: `${server.url}/api`, body: '{"features":[1]}' }),
      loadTestDeps(),
    );
    expect(result).toMatchObject({ verdict: 'fail', requests: { ok: 0 }, throughput: { meanPerSecond: 0 } });
    expect(result.requests.byStatus).toEqual({ 400: result.requests.failed });
    expect(result.firstFailure).toMatchObject({
      status: 400,
      body: '{"error":"expected \\"array\\", a list of 37 numbers"}',
    });
    expect(result.reasons[0]).toBe('0 right answers, at least 10 were asked for');
    expect(result.okLatencyMs.mean).toBeNull();
  });

  it('goes on when the target takes connections and says nothing, and fails it', async () => {
    const server = await serverWith(() => {});
    const deps = loadTestDeps();
    const result = await runLoadTest(loadTestOptions({ url: server.url, durationMs: 200, timeoutMs: 150 }), deps);
    expect(deps.said).toContainEqual(
      expect.stringMatching(/^warning: .*did not answer the first request: nothing within 150 ms/),
    );
    expect(result).toMatchObject({ verdict: 'fail', requests: { ok: 0, answered: 0 } });
    expect(result.requests.timeouts).toBeGreaterThan(0);
  });

  it('reports what it has when it is interrupted', async () => {
    const server = await serverWith(predict);
    const interrupt = new AbortController();
    const deps = loadTestDeps({ interrupt: interrupt.signal });
    const running = runLoadTest(loadTestOptions({ url: server.url, durationMs: 60_000 }), deps);
    while (server.requests < 50) await new Promise((resolve) => setTimeout(resolve, 2));
    interrupt.abort('SIGINT');
    const result = await running;
    expect(result.verdict).toBe('interrupted');
    expect(result.reasons).toEqual([expect.stringMatching(/^interrupted after \d+\.\d s$/)]);
    expect(result.requests.sent).toBe(server.requests - 1);
    expect(result.load.measuredSeconds).toBeLessThan(60);
  });
});

describe('no load is sent', () => {
  const refusal = (options: Partial<LoadTestOptions>) => runLoadTest(loadTestOptions(options), loadTestDeps());

  it.each<[Partial<LoadTestOptions>, string]>([
    [{ url: 'not a url' }, 'INVALID_URL'],
    [{ connections: 0 }, 'INVALID_LOAD'],
    [{ connections: 70_000 }, 'INVALID_LOAD'],
    [{ connections: 3, threads: 4 }, 'INVALID_LOAD'],
    [{ durationMs: 1 }, 'INVALID_LOAD'],
    [{ timeoutMs: 0 }, 'INVALID_LOAD'],
    [{ minRequests: -1 }, 'INVALID_LOAD'],
    [{ connections: Number.NaN }, 'INVALID_LOAD'],
  ])('for %j: exit code 2', async (options, code) => {
    await expect(refusal({ url: 'http://127.0.0.1:1/', ...options })).rejects.toMatchObject({ code, exitCode: 2 });
  });

  it('to a port where nobody listens, and to a name that does not exist: exit code 1', async () => {
    const server = await startScriptedServer(predict);
    await server.stop();
    await expect(refusal({ url: server.url })).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE', exitCode: 1 });
    await expect(refusal({ url: 'http://nowhere.invalid/api' })).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
  });

  it('to what does not speak HTTP', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('220 mail ready\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    await expect(refusal({ url: `http://127.0.0.1:${port}/` })).rejects.toMatchObject({ code: 'TARGET_NOT_HTTP' });
    await expect(refusal({ url: `https://127.0.0.1:${port}/` })).rejects.toMatchObject({ code: 'TARGET_NOT_HTTP' });
  });

  it('to a certificate that nobody vouches for, not one byte; `insecure` sends and says so', async ({ skip }) => {
    const certificate = selfSignedCertificate('127.0.0.1');
    if (certificate === undefined) return skip('openssl is not installed');
    const server = await startScriptedServer(predict, certificate);
    onTestFinished(() => server.stop());
    await expect(refusal({ url: server.url })).rejects.toMatchObject({ code: 'TARGET_UNTRUSTED', exitCode: 1 });
    expect(server.requests).toBe(0);
    const result = await refusal({ url: server.url, insecure: true });
    expect(result).toMatchObject({ verdict: 'pass', target: { insecure: true } });
    expect(result.notes).toContain('The certificate of the target was not verified (--insecure).');
  });

  it('when it is interrupted before', async () => {
    const server = await serverWith(() => {});
    const interrupt = new AbortController();
    const running = runLoadTest(loadTestOptions({ url: server.url }), loadTestDeps({ interrupt: interrupt.signal }));
    while (server.requests < 1) await new Promise((resolve) => setTimeout(resolve, 2));
    interrupt.abort('SIGINT');
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
  });
});

describe('a load test that serves the model', () => {
  const options = loadTestOptions({ body: '{"array":[1,2,3]}' });

  it('serves, tests and stops', async () => {
    const deps = loadTestDeps();
    const result = await runLoadTest(options, deps);
    expect(result).toMatchObject({ verdict: 'pass', target: { served: true, model: 'fake', distinctRequests: 1 } });
    const { url } = result.target;
    await expect(runLoadTest(loadTestOptions({ url }), loadTestDeps())).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
    });
  });

  it('notices answers that are wrong under load only', async () => {
    const result = await runLoadTest(options, loadTestDeps({ serveArgs: ['mixes-up', '20'] }));
    expect(result.verdict).toBe('fail');
    expect(result.failures).toEqual([
      { reason: 'another prediction than to the same rows alone', count: expect.any(Number) },
    ]);
    expect(result.firstFailure?.body).toBe('{"predicciones":[15]}');
  });

  it('says so when the server dies, with its last words', async () => {
    const long = { ...options, durationMs: 60_000 };
    const result = await runLoadTest(long, loadTestDeps({ serveArgs: ['dies', '100'] }));
    expect(result.verdict).toBe('fail');
    expect(result.reasons[0]).toBe('the server of this test ended with exit code 9: out of memory');
    expect(result.load.measuredSeconds).toBeLessThan(60);
  });

  it('fails when the server does not come up, with what it said', async () => {
    await expect(runLoadTest(options, loadTestDeps({ serveArgs: ['refuses'] }))).rejects.toMatchObject({
      code: 'SERVE_FAILED',
      exitCode: 1,
      why: 'It ended with exit code 2: the model file is damaged',
    });
    await expect(runLoadTest(options, loadTestDeps({ serveArgs: ['babbles'] }))).rejects.toMatchObject({
      code: 'SERVE_FAILED',
      why: 'Its first line is not the one that says it is ready: starting up',
    });
  });

  it('stops waiting for the server when it is interrupted', async () => {
    const interrupt = new AbortController();
    const running = runLoadTest(options, loadTestDeps({ serveArgs: ['silent'], interrupt: interrupt.signal }));
    setTimeout(() => interrupt.abort('SIGINT'), 50);
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
