import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { deploy } from '../../../src/lib/deploy/deploy.js';
import { checkClip, clipText, type SpeechClip } from '../../../src/lib/deploy/golden/clip.js';
import { syntheticVoice } from '../../../src/lib/deploy/golden/voice.js';
import { audioError } from '../../../src/lib/speech/audio/errors.js';
import { fakeTarget, release } from '../../support/deploy/fake-target.js';
import { listeningSpeechApp, until } from '../../support/endpoint/speech-app.js';
import { errorOf } from '../../support/errors.js';

const stop = new AbortController().signal;
const asking = { stop, retryMs: 1 };
const clip = { model: 'moonshine-tiny' };
const request = { release, dryRun: false, golden: undefined, clip, gate: undefined, headers: [] };

function run(url: string) {
  const target = fakeTarget({ url });
  return { target, outcome: deploy(request, { target, reporter: silentReporter, stop, retryMs: 1 }) };
}

async function answering(answer: (response: ServerResponse) => void) {
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(response));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('a speech model has to transcribe a clip before clients get in', async () => {
  const { url, engine } = await listeningSpeechApp();
  engine.answer = { text: 'Ah, you.' };
  const { target, outcome } = await run(url);
  expect(await outcome).toMatchObject({
    outcome: 'deployed',
    golden: null,
    clip: { seconds: 1.2, text: 'Ah, you.', answeredMs: expect.any(Number) },
  });
  expect(engine.calls).toHaveLength(1);
  expect(target.calls).toEqual(['preview', 'rollOut', 'reach', 'promote', 'record 4 serving']);
});

test('one that is ready and cannot is gone back from', async () => {
  const { url, engine } = await listeningSpeechApp();
  engine.failure = () => new Error('no thread comes up');
  const { target, outcome } = await run(url);
  const error = await errorOf(() => outcome);
  expect(error).toMatchObject({ code: 'CLIP_NOT_TRANSCRIBED', exitCode: 1 });
  expect(error.why).toContain('/v1/audio/transcriptions answered 500');
  expect(error.why).toContain('Revision 3 serves, as before.');
  expect(target.calls).toContain('restore 3');
});

test('one that is full is asked again, one that serves another model or takes no recordings is not', async () => {
  const full = await listeningSpeechApp({ limits: { queue: 0 } });
  full.engine.hold();
  const ask = (url: string, model = clip.model) => checkClip({ model }, { url, headers: [] }, asking);
  const busy = [ask(full.url), ask(full.url)];
  // Both threads are taken only when the engine has the recordings: asked before that, a third one could be first.
  await until(() => full.engine.calls.length === 2);
  const refused = await errorOf(() => ask(full.url));
  expect(refused.why).toContain('asked 20 times: status 503');
  full.engine.release();
  await Promise.all(busy);
  const other = await errorOf(() => ask(full.url, 'moonshine-base'));
  expect(other.why).toContain('answered 404');
  full.engine.failure = (path) => audioError('AUDIO_DAMAGED', path, 'x');
  expect((await errorOf(() => ask(full.url))).why).toContain('answered 422');
});

test('where a key is missing or the answer has no text, the error is of the clip', async () => {
  const answers: [number, string][] = [
    [401, '{"error": {"message": "no key"}}'],
    [200, '{"words": "x"}'],
  ];
  for (const [status, body] of answers) {
    const { url } = await answering((response) => response.writeHead(status).end(body));
    expect(await errorOf(() => checkClip(clip, { url, headers: [] }, asking))).toMatchObject({
      code: 'CLIP_NOT_TRANSCRIBED',
      exitCode: 1,
      why: expect.stringContaining(status === 200 ? 'has no text' : 'answered 401'),
    });
  }
});

test('what an answer took is counted from the try that was answered', async () => {
  const retryMs = 120;
  let asked = 0;
  const { url } = await answering((response) => {
    asked += 1;
    response.writeHead(asked < 4 ? 503 : 200).end('{"text": "a"}');
  });
  const startedAt = performance.now();
  const { answeredMs } = await checkClip(clip, { url, headers: [] }, { stop, retryMs });
  // Whatever the machine took: the three waits between are no part of it (a timer may come a millisecond early).
  expect(performance.now() - startedAt - answeredMs).toBeGreaterThan(3 * (retryMs - 2));
});

test('a server that takes less than the clip gets as much as it takes', async () => {
  const { url, engine } = await listeningSpeechApp({ limits: { sizeBytes: 20_001 } });
  engine.answer = { text: 'a' };
  const ask = (limits: SpeechClip['limits']) =>
    checkClip({ ...clip, ...(limits && { limits }) }, { url, headers: [] }, asking);
  expect((await errorOf(() => ask(undefined))).why).toContain('answered 413');
  const sized = await ask({ durationMs: 60_000, sizeBytes: 20_001 });
  expect(sized.seconds).toBeCloseTo((20_001 - 44) / 32_000, 3);
  expect(clipText(sized)).toMatch(/^A clip of 0\.62 s was/);
  expect((await ask({ durationMs: 300, sizeBytes: 20_001 })).seconds).toBe(0.3);
  const { wav } = syntheticVoice({ seconds: 0.5, bytes: 1e6 });
  expect(new DataView(wav.buffer).getUint32(40, true)).toBe(16_000);
  expect(wav.byteLength).toBe(44 + 16_000);
});

test('the clip is a WAV of 1.2 seconds, and the same every time', () => {
  const { wav, seconds } = syntheticVoice();
  expect(wav.byteLength).toBe(44 + 16_000 * 2 * seconds);
  const samples = new Int16Array(wav.buffer, 44);
  expect(Math.max(...samples.map(Math.abs))).toBeCloseTo(16_384, -2);
  expect(syntheticVoice().wav).toEqual(wav);
});
