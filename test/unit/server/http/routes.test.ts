import { describe, expect, it } from 'vitest';
import { testApp } from '../../../support/app.js';

describe('health', () => {
  it('is ready once the model is loaded, and not when the server is leaving', async () => {
    const { app, lifecycle } = await testApp();
    const ready = await app.inject('/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: 'ready' }]);
    lifecycle.enter('draining');
    const draining = await app.inject('/readyz');
    expect([draining.statusCode, draining.json()]).toEqual([503, { error: 'The server is shutting down' }]);
    lifecycle.enter('ready');
    expect((await app.inject('/readyz')).statusCode).toBe(503);
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'ok' });
  });

  it('answers HEAD without a body', async () => {
    const { app } = await testApp();
    const head = await app.inject({ method: 'HEAD', url: '/healthz' });
    expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([200, '', '15']);
  });

  it('ends connections while the server is leaving, whatever it answers', async () => {
    const { app, lifecycle } = await testApp();
    expect((await app.inject('/healthz')).headers.connection).not.toBe('close');
    lifecycle.enter('draining');
    for (const url of ['/healthz', '/readyz', '/metrics', '/nothing', '/api']) {
      expect((await app.inject(url)).headers.connection).toBe('close');
    }
    const prediction = await app.inject({ method: 'POST', url: '/api', payload: { array: [1, 2, 3] } });
    expect([prediction.statusCode, prediction.headers.connection]).toEqual([200, 'close']);
  });
});

describe('what no route answers', () => {
  it.each(['/', '/nothing', '/api/more', '/%61pi/x', '//', '/metricsx'])('404 for %s', async (url) => {
    const { app } = await testApp();
    const answer = await app.inject({ method: 'POST', url, payload: { a: 1 } });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toEqual({ error: `There is nothing at ${url}` });
  });

  it.each([
    ['GET', '/api', 'OPTIONS, POST'],
    ['HEAD', '/api', 'OPTIONS, POST'],
    ['PUT', '/api/', 'OPTIONS, POST'],
    ['DELETE', '/metrics?x=1', 'GET, HEAD, OPTIONS'],
    ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
    ['PATCH', '/readyz', 'GET, HEAD, OPTIONS'],
    ['TRACE', '/api', 'OPTIONS, POST'],
    ['PROPFIND', '/api', 'OPTIONS, POST'],
  ])('405 with Allow for %s %s', async (method, url, allow) => {
    const { app } = await testApp();
    const answer = await app.inject({ method: method as 'GET', url });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow]);
    if (method !== 'HEAD')
      expect(answer.json().error).toContain(
        `${method} is not allowed on ${url.replace(/\/?(\?.*)?$/, '')}: use ${allow}`,
      );
  });

  it('answers OPTIONS with what is allowed', async () => {
    const { app } = await testApp();
    const known = await app.inject({ method: 'OPTIONS', url: '/api' });
    expect([known.statusCode, known.headers.allow, known.body]).toEqual([204, 'OPTIONS, POST', '']);
    expect((await app.inject({ method: 'OPTIONS', url: '/nothing' })).statusCode).toBe(404);
  });

  it('400 for a path that is no URL', async () => {
    const { app, metric } = await testApp();
    const answer = await app.inject('/%zz');
    expect([answer.statusCode, answer.json()]).toEqual([400, { error: expect.stringContaining('/%zz') }]);
    expect(await metric('mlops_requests_total{route="(malformed)",code="400"}')).toBe(1);
  });
});

describe('logs', () => {
  it('hold no line for a request by default, however wrong it is', async () => {
    const { app, lines } = await testApp();
    for (const url of ['/api', '/nothing', '/%zz', '/healthz']) await app.inject({ method: 'POST', url, payload: 'x' });
    expect(lines).toEqual([]);
  });

  it('hold one line for each with the access log, without bodies, headers and query strings', async () => {
    const { app, lines } = await testApp({ accessLog: true });
    const headers = { authorization: 'Bearer secret' };
    await app.inject({
      method: 'POST',
      url: '/api?key=secret',
      headers,
      payload: { array: [1, 2, 3], note: 'secret' },
    });
    await app.inject({ method: 'GET', url: '/nothing?key=secret' });
    expect(lines).toMatchObject([
      { msg: 'request', route: '/api', method: 'POST', status: 200, ms: expect.any(Number) },
      { msg: 'request', route: '(unmatched)', path: '/nothing', method: 'GET', status: 404 },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});
