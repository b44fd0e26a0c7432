import { describe, expect, test } from 'vitest';
import { form, recording, speechApp } from '../../../support/endpoint/speech-app.js';

const hello = (format: string) => recording('Hello & <you>', ['model', 'moonshine-tiny'], ['response_format', format]);

describe('formats', () => {
  test.each([
    ['json', 'application/json; charset=utf-8', '{"text":"Hello & <you>","usage":{"type":"duration","seconds":3}}'],
    ['text', 'text/plain; charset=utf-8', 'Hello & <you>\n'],
    ['srt', 'application/x-subrip; charset=utf-8', '1\n00:00:00,250 --> 00:00:01,500\nHello & <you>\n'],
    ['vtt', 'text/vtt; charset=utf-8', 'WEBVTT\n\n00:00:00.250 --> 00:00:01.500\nHello &amp; &lt;you&gt;\n'],
  ])('%s', async (format, type, body) => {
    const { app, stored, storage } = await speechApp();
    const answer = await app.inject(hello(format));
    expect([answer.statusCode, answer.headers['content-type'], answer.body]).toEqual([200, type, body]);
    expect([await stored(), storage.usedBytes]).toEqual([[], 0]);
  });

  test('verbose_json has times, and what the reader has to know', async () => {
    const { app, engine } = await speechApp();
    engine.answer = { warnings: [{ kind: 'repetition', startS: 1, endS: 2 }] };
    expect((await app.inject(hello('verbose_json'))).json()).toEqual({
      task: 'transcribe',
      language: 'english',
      duration: 2.5,
      text: 'Hello & <you>',
      segments: [{ id: 0, start: 0.25, end: 1.5, text: 'Hello & <you>', temperature: 0 }],
      usage: { type: 'duration', seconds: 3 },
      model: 'moonshine-tiny',
      model_digest: 'd'.repeat(64),
      warnings: [{ kind: 'repetition', start: 1, end: 2 }],
    });
  });

  test('silence is an empty text', async () => {
    const { app } = await speechApp();
    const bodies = ['json', 'text', 'srt', 'vtt'].map(async (format) => {
      const answer = await app.inject(recording('', ['response_format', format]));
      return answer.body;
    });
    expect(await Promise.all(bodies)).toEqual([
      '{"text":"","usage":{"type":"duration","seconds":3}}',
      '\n',
      '',
      'WEBVTT\n',
    ]);
  });
});

test('fields may come before the recording, and json is the default', async () => {
  const { app, engine, limits } = await speechApp();
  const fields = form(
    ['model', 'moonshine-tiny'],
    ['language', 'en-GB'],
    ['temperature', '0'],
    ['prompt', 'Names: Zoë'],
    ['stream', 'false'],
    ['chunking_strategy', 'auto'],
    ['timestamp_granularities[]', 'segment'],
    ['file', 'Hello', 'a.mp3'],
  );
  const answer = await app.inject(fields);
  expect(answer.json()).toMatchObject({ text: 'Hello' });
  expect(engine.calls[0]?.options.maxDurationS).toBe(limits.durationMs / 1000);
});

describe('refused fields', () => {
  test.each([
    ['model', 'whisper-1', 404, "The model 'whisper-1' is not served here: this is moonshine-tiny"],
    ['language', 'de', 400, "language is 'de', and moonshine-tiny hears 'en' only"],
    ['response_format', 'xml', 400, "response_format 'xml' is not one of json, verbose_json, text, srt, vtt"],
    ['temperature', '0.4', 400, "temperature is '0.4', and moonshine-tiny takes 0 only"],
    ['temperature', '', 400, "temperature is '', and moonshine-tiny takes 0 only"],
    ['stream', 'true', 400, 'stream is not supported: an answer comes whole'],
    ['timestamp_granularities[]', 'word', 400, 'moonshine-tiny gives times for segments, not for words'],
    ['translate', '1', 400, "The field 'translate' is not known"],
  ])('%s=%s', async (name, value, status, message) => {
    const { app, engine, stored, storage } = await speechApp();
    const answer = await app.inject(recording('Hello', [name, value]));
    expect(answer.statusCode).toBe(status);
    const { error } = answer.json();
    expect(error).toMatchObject({ type: 'invalid_request_error', param: name.replace('[]', '') });
    expect(error.message).toContain(message);
    expect([engine.calls, await stored(), storage.usedBytes]).toEqual([[], [], 0]);
  });

  test('one that comes twice', async () => {
    const { app } = await speechApp();
    const answer = await app.inject(recording('Hello', ['language', 'en'], ['language', 'en']));
    expect(answer.json().error.message).toBe('The field language was given 2 times');
  });
});

test('the models that are served', async () => {
  const { app } = await speechApp();
  const entry = { id: 'moonshine-tiny', object: 'model', created: 1_700_000_000, owned_by: 'mlops' };
  expect((await app.inject('/v1/models')).json()).toEqual({ object: 'list', data: [entry] });
  expect((await app.inject('/v1/models/moonshine-tiny')).json()).toEqual(entry);
  const other = await app.inject('/v1/models/whisper-1');
  expect([other.statusCode, other.json().error.code]).toEqual([404, 'model_not_found']);
});

test('health by the Open Inference Protocol', async () => {
  const { app, lifecycle } = await speechApp();
  const ask = async (path: string) => {
    const { statusCode, body } = await app.inject(path);
    return [statusCode, JSON.parse(body)];
  };
  expect(await ask('/v2/health/live')).toEqual([200, { live: true }]);
  expect(await ask('/v2/health/ready')).toEqual([200, { live: true, ready: true }]);
  const ready = { name: 'moonshine-tiny', ready: true };
  expect(await ask('/v2/models/moonshine-tiny/ready')).toEqual([200, ready]);
  expect(await ask('/v2/models/moonshine-tiny/versions/1/ready')).toEqual([200, ready]);
  expect((await ask('/v2/models/moonshine-tiny/versions/2/ready'))[0]).toBe(404);
  expect((await ask('/v2/models/other/ready'))[0]).toBe(404);
  lifecycle.enter('draining');
  expect(await ask('/v2/health/ready')).toEqual([503, { live: true, ready: false }]);
  expect(await ask('/v2/models/moonshine-tiny/ready')).toEqual([503, { name: 'moonshine-tiny', ready: false }]);
  expect((await ask('/readyz'))[0]).toBe(503);
});
