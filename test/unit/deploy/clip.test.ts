import { expect, test } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { deploy } from '../../../src/lib/deploy/deploy.js';
import { checkClip } from '../../../src/lib/deploy/golden/clip.js';
import { syntheticVoice } from '../../../src/lib/deploy/golden/voice.js';
import { audioError } from '../../../src/lib/speech/audio/errors.js';
import { fakeTarget, release } from '../../support/deploy/fake-target.js';
import { listeningSpeechApp } from '../../support/endpoint/speech-app.js';
import { errorOf } from '../../support/errors.js';

const stop = new AbortController().signal;
const asking = { stop, retryMs: 1 };
const clip = { model: 'moonshine-tiny' };
const request = { release, dryRun: false, golden: undefined, clip, gate: undefined, headers: [] };

function run(url: string) {
  const target = fakeTarget({ url });
  return { target, outcome: deploy(request, { target, reporter: silentReporter, stop, retryMs: 1 }) };
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
  const refused = await errorOf(() => ask(full.url));
  expect(refused.why).toContain('asked 20 times: status 503');
  full.engine.release();
  await Promise.all(busy);
  const other = await errorOf(() => ask(full.url, 'moonshine-base'));
  expect(other.why).toContain('answered 404');
  full.engine.failure = (path) => audioError('AUDIO_DAMAGED', path, 'x');
  expect((await errorOf(() => ask(full.url))).why).toContain('answered 422');
});

test('the clip is a WAV of a second, and the same every time', () => {
  const { wav, seconds } = syntheticVoice();
  expect(wav.byteLength).toBe(44 + 16_000 * 2 * seconds);
  const samples = new Int16Array(wav.buffer, 44);
  expect(Math.max(...samples.map(Math.abs))).toBeCloseTo(16_384, -2);
  expect(syntheticVoice().wav).toEqual(wav);
});
