import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FakeSpeechEngine } from '../../../support/endpoint/fake-engine.js';
import {
  form,
  listeningSpeechApp,
  recording,
  speechApp,
  transcriptions,
  until,
} from '../../../support/endpoint/speech-app.js';

const route = (code: number) => `mlops_requests_total{route="${transcriptions}",code="${code}"}`;

test('as many as there are threads are under work, others wait in turn, the rest get 503 at once', async () => {
  const { app, engine, metric, stored, places } = await speechApp({
    engine: new FakeSpeechEngine(2),
    limits: { queue: 1 },
  });
  engine.hold();
  const accepted = ['a', 'b', 'c'].map((text) => app.inject(recording(text)));
  await until(() => places.waiting === 1);
  expect([engine.calls.length, await metric('mlops_in_flight')]).toEqual([2, 3]);
  const refused = await app.inject(recording('d'));
  expect([refused.statusCode, refused.headers['retry-after'], refused.json().error]).toEqual([
    503,
    '1',
    {
      message: 'The queue is full: 1 recordings may wait, the limit serve.limits.audio.queue',
      type: 'server_error',
      param: null,
      code: 'queue_full',
    },
  ]);
  engine.release();
  expect((await Promise.all(accepted)).map((answer) => answer.json().text)).toEqual(['a', 'b', 'c']);
  expect(await stored()).toEqual([]);
  expect(await metric(route(200))).toBe(3);
  expect(await metric(route(503))).toBe(1);
  expect(await metric('mlops_rejected_total{reason="queue_full"}')).toBe(1);
  expect(await metric('mlops_in_flight')).toBe(0);
  expect(await metric('mlops_queue_delay_seconds_count')).toBe(3);
  expect(await metric('mlops_inference_duration_seconds_count')).toBe(3);
  expect(await metric('mlops_audio_seconds_total')).toBe(7.5);
  expect(await metric('mlops_slo_requests_total{slo="availability"}')).toBe(4);
  expect(await metric('mlops_slo_good_total{slo="availability"}')).toBe(3);
});

test('recordings lie in a folder that nobody else can look into', async () => {
  const { app, engine } = await speechApp();
  engine.hold();
  const answer = app.inject(recording('a'));
  await until(() => engine.calls.length === 1);
  const { path } = engine.calls[0] as (typeof engine.calls)[0];
  expect([(await stat(path)).mode & 0o777, (await stat(dirname(path))).mode & 0o777]).toEqual([0o600, 0o700]);
  engine.release();
  await answer;
});

test('no room on disk is 503, and there is some again when a recording is answered', async () => {
  const { app, engine, metric, storage } = await speechApp({ limits: { storageBytes: 150_000 } });
  engine.hold();
  const first = app.inject(recording('a'));
  const second = app.inject(recording('b'));
  await until(() => engine.calls.length === 2);
  const refused = await app.inject(recording('c'));
  expect([refused.statusCode, refused.json().error.code, refused.headers['retry-after']]).toEqual([
    503,
    'storage',
    '1',
  ]);
  expect(refused.json().error.message).toContain('fill 146.5 KiB, the limit serve.limits.audio.storage');
  engine.release();
  await Promise.all([first, second]);
  expect([storage.usedBytes, (await app.inject(recording('c'))).statusCode]).toEqual([0, 200]);
  expect(await metric('mlops_rejected_total{reason="storage"}')).toBe(1);
});

test('what takes too long is 504, and the work on it ends', async () => {
  const { app, engine, metric, stored } = await speechApp({ limits: { timeoutMs: 30 } });
  engine.hold();
  const answer = await app.inject(recording('a'));
  expect([answer.statusCode, answer.json().error.message]).toEqual([
    504,
    'The transcription was not ready within 30 ms, the limit serve.limits.audio.timeout',
  ]);
  expect([engine.aborted, await stored()]).toEqual([1, []]);
  expect(await metric('mlops_rejected_total{reason="timeout"}')).toBe(1);
});

describe('a client that goes away', () => {
  const send = (port: number, payload: Uint8Array, headers: Record<string, string>, announced = payload.length) => {
    const socket = connect(port, '127.0.0.1');
    const lines = Object.entries({ Host: 'a', 'Content-Length': `${announced}`, ...headers });
    socket.write(
      `POST ${transcriptions} HTTP/1.1\r\n${lines.map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n`,
    );
    socket.write(payload);
    return socket;
  };

  test('while its recording is worked on, or waits: the work ends, the file goes', async () => {
    const { port, engine, metric, stored, places } = await listeningSpeechApp({ engine: new FakeSpeechEngine(1) });
    engine.hold();
    const { payload, headers } = recording('a');
    const sockets = [send(port, payload, headers)];
    await until(() => engine.calls.length === 1);
    sockets.push(send(port, payload, headers));
    await until(() => places.waiting === 1);
    sockets[1]?.destroy();
    await until(() => places.waiting === 0);
    sockets[0]?.destroy();
    await until(async () => (await metric(route(499))) === 2);
    expect([engine.aborted, engine.calls.length, places.waiting, await stored()]).toEqual([1, 1, 0, []]);
    expect(await metric('mlops_slo_requests_total{slo="availability"}')).toBe(0);
    engine.release();
    expect(places.full).toBe(false);
  });

  test('in the middle of sending', async () => {
    const { port, engine, metric, stored, storage } = await listeningSpeechApp();
    const { payload, headers } = recording('x'.repeat(50_000));
    const socket = send(port, payload.subarray(0, 30_000), headers, payload.length);
    await until(async () => (await stored()).length === 1);
    socket.destroy();
    await until(async () => (await metric(route(499))) === 1);
    expect([engine.calls, await stored(), storage.usedBytes]).toEqual([[], [], 0]);
  });

  test('or sends no more: 408', async () => {
    const { port, metric, stored, storage } = await listeningSpeechApp({ timeouts: { requestMs: 200, checkMs: 50 } });
    const { payload, headers } = recording('x'.repeat(50_000));
    const socket = send(port, payload.subarray(0, 30_000), headers, payload.length);
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toContain('HTTP/1.1 408 ');
    await until(async () => storage.usedBytes === 0);
    expect(await stored()).toEqual([]);
    expect(await metric(route(499))).toBe(1);
  });
});

test('an error of a form leaves the connection usable', async () => {
  const { url } = await listeningSpeechApp();
  const { headers, payload } = form(['audio', 'x'.repeat(200_000), 'a.wav']);
  const refused = await fetch(`${url}${transcriptions}`, { method: 'POST', headers, body: payload });
  expect([refused.status, ((await refused.json()) as { error: { code: string } }).error.code]).toEqual([
    400,
    'invalid_form',
  ]);
  expect((await fetch(`${url}/v1/models`)).status).toBe(200);
});
