import { describe, expect, it } from 'vitest';
import { testApp } from '../../support/app.js';
import { FakePredictor } from '../../support/fake-predictor.js';

const json = { 'content-type': 'application/json' };
const row = '{"array":[5,0,0]}';

describe('POST /api', () => {
  it('answers one row with one prediction and several with as many', async () => {
    const { app } = await testApp();
    const one = await app.inject({ method: 'POST', url: '/api', headers: json, payload: row });
    expect([one.statusCode, one.body]).toEqual([200, '{"predicciones":[5]}']);
    expect(one.headers['content-type']).toBe('application/json; charset=utf-8');
    const several = await app.inject({
      method: 'POST',
      url: '/api',
      payload: {
        array: [
          [1, 0, 0],
          [2, 0, 0],
          [3, 0, 0],
        ],
      },
    });
    expect(several.json()).toEqual({ predicciones: [1, 2, 3] });
  });

  it('answers string labels as JSON strings', async () => {
    const { app } = await testApp({ predictor: new FakePredictor({ labelType: 'string' }) });
    const { body } = await app.inject({ method: 'POST', url: '/api', headers: json, payload: row });
    expect(body).toBe(String.raw`{"predicciones":["class \"5\""]}`);
  });

  it.each([
    undefined,
    'application/json',
    'APPLICATION/JSON; charset=utf-8',
    'application/json;charset=latin1',
    'application/vnd.x+json',
  ])('takes content type %s', async (type) => {
    const { app } = await testApp();
    const headers = type === undefined ? {} : { 'content-type': type };
    const { statusCode } = await app.inject({ method: 'POST', url: '/api?x=1', headers, payload: row });
    expect(statusCode).toBe(200);
  });

  it('keeps the answers of concurrent requests apart', async () => {
    const { app, predictor } = await testApp();
    const values = Array.from({ length: 50 }, (_, index) => index);
    const answers = await Promise.all(
      values.map((value) => app.inject({ method: 'POST', url: '/api', payload: { array: [value, 0, 0] } })),
    );
    expect(answers.map((answer) => answer.json().predicciones)).toEqual(values.map((value) => [value]));
    expect(predictor.runs.length).toBeLessThan(50);
  });
});

describe('what is refused', () => {
  it.each([
    ['text/plain', 415, "Content-Type 'text/plain' is not accepted"],
    ['application/x-www-form-urlencoded', 415, 'content-type: application/json'],
    ['multipart/form-data; boundary=x', 415, 'is not accepted'],
    ['application/jsonp', 415, 'is not accepted'],
    ['garbage', 415, 'malformed'],
    ['', 415, ''],
  ])('content type %j', async (type, status, text) => {
    const { app } = await testApp();
    const answer = await app.inject({ method: 'POST', url: '/api', headers: { 'content-type': type }, payload: row });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({ error: expect.stringContaining(text) });
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('compressed bodies, with the way out', async () => {
    const { app } = await testApp();
    const headers = { ...json, 'content-encoding': 'gzip' };
    const answer = await app.inject({ method: 'POST', url: '/api', headers, payload: row });
    expect([answer.statusCode, answer.headers['accept-encoding']]).toEqual([415, 'identity']);
    expect(answer.json().error).toContain("'gzip' is not accepted: send the body uncompressed");
  });

  it('no body at all', async () => {
    const { app } = await testApp();
    const answer = await app.inject({ method: 'POST', url: '/api' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toContain('The body is empty. Expected {"array": [3 numbers]}');
  });

  it('a body above the limit, by its name, whether its size was announced or not', async () => {
    const { app, budget } = await testApp({ limits: { bodyBytes: 64 } });
    const answer = await app.inject({ method: 'POST', url: '/api', headers: json, payload: ' '.repeat(65) });
    expect(answer.statusCode).toBe(413);
    expect(answer.json().error).toBe('The body is larger than 64 B (64 bytes), the limit serve.limits.body');
    const fits = await app.inject({ method: 'POST', url: '/api', headers: json, payload: row.padEnd(64) });
    expect(fits.statusCode).toBe(200);
    expect(budget.usedBytes).toBe(0);
  });
});

describe('a server that cannot', () => {
  it('answers 503 with Retry-After when the queue is full, and recovers', async () => {
    const { app, predictor, metric } = await testApp({ limits: { queueRows: 2 } });
    predictor.hold();
    const post = async () => app.inject({ method: 'POST', url: '/api', headers: json, payload: row });
    const running = post();
    await expect.poll(() => predictor.runs.length).toBe(1);
    const waiting = [post(), post()];
    const refused = await post();
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '1']);
    expect(refused.json().error).toBe('The queue is full: 2 rows may wait, the limit serve.limits.queue');
    const unread = await app.inject({ method: 'POST', url: '/api', headers: json, payload: 'not looked at' });
    expect(unread.statusCode).toBe(503);
    expect(await metric('mlops_rejected_total{reason="queue_full"}')).toBe(2);
    predictor.release();
    expect((await Promise.all([running, ...waiting])).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect((await post()).statusCode).toBe(200);
  });

  it('answers 504 naming the limit when there is no answer in time', async () => {
    const { app, predictor, metric } = await testApp({ limits: { timeoutMs: 20 } });
    predictor.hold();
    const answer = await app.inject({ method: 'POST', url: '/api', headers: json, payload: row });
    expect(answer.statusCode).toBe(504);
    expect(answer.json().error).toBe('The prediction was not ready within 20 ms, the limit serve.limits.timeout');
    expect(await metric('mlops_rejected_total{reason="timeout"}')).toBe(1);
  });

  it('answers 500 without details when the model fails, and logs why', async () => {
    const predictor = new FakePredictor();
    predictor.failure = new Error('secret path /srv');
    const { app, lines, metric } = await testApp({ predictor });
    const answer = await app.inject({ method: 'POST', url: '/api', headers: json, payload: row });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'error', route: '/api', err: { message: 'secret path /srv' } });
    expect(await metric('mlops_slo_requests_total{slo="availability"}')).toBe(1);
    expect(await metric('mlops_slo_good_total{slo="availability"}')).toBe(0);
  });
});
