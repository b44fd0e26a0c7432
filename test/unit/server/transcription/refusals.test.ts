import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { OperationError, UsageError } from '../../../../src/lib/base/errors/mlops-error.js';
import {
  form,
  listeningSpeechApp,
  recording,
  speechApp,
  transcriptions,
} from '../../../support/endpoint/speech-app.js';

describe('forms that cannot be used', () => {
  const multipart = 'multipart/form-data; boundary=x';
  test.each([
    ['no body', undefined, '', 415, 'There is no Content-Type: send a form'],
    ['JSON', 'application/json', '{}', 415, "Content-Type 'application/json' is not accepted: send a form"],
    ['no boundary', 'multipart/form-data', 'abc', 415, "Content-Type 'multipart/form-data' is not accepted"],
    ['an empty form', multipart, '', 400, "the recording in the field 'file', and it is not there"],
    ['no form at all', multipart, 'abc', 400, 'The form cannot be read: '],
    [
      'an end too early',
      multipart,
      '--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nmoon',
      400,
      'cannot be read',
    ],
    [
      'a recording cut off',
      multipart,
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\nRIFF',
      400,
      'cannot be read',
    ],
    [
      'a prototype',
      multipart,
      '--x\r\nContent-Disposition: form-data; name="__proto__"\r\n\r\na\r\n--x--',
      400,
      'cannot be read',
    ],
  ])('%s', async (_name, type, payload, status, message) => {
    const { app, stored, storage } = await speechApp();
    const headers = type === undefined ? {} : { 'content-type': type };
    const answer = await app.inject({ method: 'POST', url: transcriptions, headers, payload });
    expect([answer.statusCode, answer.json().error.type]).toEqual([status, 'invalid_request_error']);
    expect(answer.json().error.message).toContain(message);
    expect([await stored(), storage.usedBytes]).toEqual([[], 0]);
  });

  test.each([
    ['no recording', form(['model', 'moonshine-tiny']), "field 'file', and it is not there"],
    ['a text for a recording', form(['file', 'Hello']), 'it came as a text: send it as a file'],
    ['another name', form(['audio', 'Hello', 'a.wav']), "goes into the field 'file', not 'audio'"],
    ['two recordings', form(['file', 'A', 'a.wav'], ['file', 'B', 'b.wav']), 'more than one file'],
    ['a long field', recording('A', ['prompt', 'x'.repeat(20_000)]), "The field 'prompt' is too long"],
    [
      'many fields',
      recording('A', ...Array.from({ length: 40 }, (_, index) => [`f${index}`, ''] as const)),
      'The form has more than 32 fields',
    ],
  ])('%s', async (_name, request, message) => {
    const { app, stored, storage } = await speechApp();
    const answer = await app.inject(request);
    expect([answer.statusCode, answer.json().error.message]).toEqual([400, expect.stringContaining(message)]);
    expect([await stored(), storage.usedBytes]).toEqual([[], 0]);
  });

  test('a compressed one', async () => {
    const { app } = await speechApp();
    const request = recording('Hello');
    const answer = await app.inject({ ...request, headers: { ...request.headers, 'content-encoding': 'gzip' } });
    expect(answer.statusCode).toBe(415);
  });
});

describe('what the engine says of a recording', () => {
  test.each([
    ['AUDIO_UNKNOWN', 415],
    ['AUDIO_UNSUPPORTED', 415],
    ['AUDIO_EMPTY', 422],
    ['AUDIO_DAMAGED', 422],
    ['AUDIO_TRUNCATED', 422],
  ] as const)('%s is %i, by the name that the client gave', async (code, status) => {
    const { app, engine } = await speechApp();
    engine.failure = (path) => new UsageError(`${path} is cut off`, { code, why: 'It ends at 3 s.' });
    const answer = await app.inject(form(['file', 'x', '/home/me/my speech.wav']));
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({
      error: {
        message: 'my speech.wav is cut off: It ends at 3 s.',
        type: 'invalid_request_error',
        param: 'file',
        code: code.toLowerCase(),
      },
    });
  });

  test('AUDIO_TOO_LONG is 413 and names the limit', async () => {
    const { app, engine } = await speechApp();
    engine.failure = (path) => new UsageError(`${path} is too long`, { code: 'AUDIO_TOO_LONG' });
    const answer = await app.inject(recording('x'));
    expect([answer.statusCode, answer.json().error.message]).toEqual([
      413,
      'said.wav is longer than 30 m 0 s, the limit serve.limits.audio.duration',
    ]);
  });

  test('a failure of the model is a 500 that tells the client nothing, and the log everything', async () => {
    const { app, engine, lines, metric, stored } = await speechApp();
    engine.failure = () => new OperationError('The model failed', { code: 'RECOGNITION_FAILED', why: 'secret path' });
    const answer = await app.inject(recording('x'));
    expect([answer.statusCode, answer.json().error]).toEqual([
      500,
      { message: 'The server failed on this request; its log says why', type: 'server_error', param: null, code: null },
    ]);
    expect(lines.at(-1)).toMatchObject({ reason: 'RECOGNITION_FAILED', why: 'secret path', level: 'error' });
    expect(await metric('mlops_slo_requests_total{slo="availability"}')).toBe(1);
    expect(await metric('mlops_slo_good_total{slo="availability"}')).toBe(0);
    expect(await stored()).toEqual([]);
  });
});

describe('size', () => {
  const limits = { sizeBytes: 1_000 };
  const tooLarge = 'The recording is larger than 1000 B (1,000 bytes), the limit serve.limits.audio.size';

  test('as large as it may be', async () => {
    const { app, engine } = await speechApp({ limits });
    const answer = await app.inject(recording('x'.repeat(1_000)));
    expect([answer.statusCode, engine.calls.length]).toEqual([200, 1]);
  });

  test.each([
    ['one byte more', 1_001],
    ['announced as far too large', 3 * 2 ** 20],
  ])('%s is 413', async (_name, bytes) => {
    const { app, engine, storage, stored } = await speechApp({ limits });
    const answer = await app.inject(recording('x'.repeat(bytes)));
    expect([answer.statusCode, answer.json().error]).toEqual([
      413,
      { message: tooLarge, type: 'invalid_request_error', param: 'file', code: 'file_too_large' },
    ]);
    expect([engine.calls, storage.usedBytes, await stored()]).toEqual([[], 0, []]);
  });

  test.each([1_000, 200_000])('%i bytes that fill the whole storage are taken, more are 413', async (sizeBytes) => {
    const { app, storage } = await speechApp({ limits: { sizeBytes, storageBytes: sizeBytes } });
    const statusOf = async (bytes: number) => {
      const request = recording('x'.repeat(bytes));
      const headers = { ...request.headers, 'content-length': `${request.payload.length}` };
      return (await app.inject({ ...request, headers })).statusCode;
    };
    expect([await statusOf(sizeBytes), await statusOf(sizeBytes + 1)]).toEqual([200, 413]);
    expect(storage.usedBytes).toBe(0);
  });

  test('one that announces no length is cut off at the limit, and its client reads why', async () => {
    const { port, storage, stored } = await listeningSpeechApp({ limits });
    const { headers, payload } = recording('x'.repeat(3 * 2 ** 20));
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(
          `POST ${transcriptions} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Type: ${headers['content-type']}\r\n\r\n`,
        );
        socket.write(`${payload.length.toString(16)}\r\n`);
        socket.write(payload);
        // Not ended: to Node's server, who ends a connection waits for no answer.
        socket.write('\r\n0\r\n\r\n');
      });
      socket.on('data', (chunk) => {
        text += chunk;
        if (text.includes('}}')) socket.end();
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toContain('HTTP/1.1 413 ');
    expect(answer).toContain(tooLarge);
    expect([storage.usedBytes, await stored()]).toEqual([0, []]);
  });
});

test('what no route answers has the shape of its protocol', async () => {
  const { app } = await speechApp();
  const ask = async (method: 'GET' | 'POST', url: string) => (await app.inject({ method, url })).json();
  expect(await ask('POST', '/v1/chat/completions')).toMatchObject({
    error: { message: 'There is nothing at /v1/chat/completions' },
  });
  expect(await ask('GET', transcriptions)).toMatchObject({
    error: { message: expect.stringContaining('use OPTIONS, POST') },
  });
  expect(await ask('GET', '/nothing')).toEqual({ error: 'There is nothing at /nothing' });
  expect(await ask('POST', '/api')).toEqual({ error: 'There is nothing at /api' });
});
