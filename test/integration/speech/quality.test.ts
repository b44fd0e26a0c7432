import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasRecordings } from '../../support/requirements.js';
import { type CleanClips, hearCleanClips } from '../../support/speech/clean-clips.js';
import {
  hum,
  joined,
  noise,
  samplesOf,
  scaled,
  silence,
  tones,
  wavFile,
  withNoise,
} from '../../support/speech/sounds.js';
import { sumOf, type WordErrors, wordErrors } from '../../support/speech/word-errors.js';
import { speechModel } from '../../support/speech-model.js';
import { tempDir } from '../../support/temp-dir.js';

const available = hasRecordings() && (await speechModel()) !== undefined;

describe.skipIf(!available)('human recordings, by the real model', () => {
  let heard: CleanClips;
  beforeAll(async () => {
    heard = await hearCleanClips();
  });
  afterAll(() => heard?.engine.close());

  /** Word errors against what is understood of the clean recordings. */
  async function againstClean(change: (samples: Float32Array, index: number) => Float32Array): Promise<WordErrors> {
    const { engine, clips, clean } = heard;
    const dir = await tempDir();
    const all = clips.map(async ({ path }, index) => {
      const changed = await wavFile(dir, `${index}.wav`, change(await samplesOf(path), index));
      return wordErrors(clean[index]?.text ?? '', (await engine.transcribe(changed)).text);
    });
    return sumOf(await Promise.all(all));
  }

  test('ten clips of about 92 words: at most 5 wrong words in all', () => {
    const { clips, clean } = heard;
    const { errors, words } = sumOf(clips.map(({ transcript }, i) => wordErrors(transcript, clean[i]?.text ?? '')));
    expect(clips).toHaveLength(10);
    // "five five" is one number.
    expect(words).toBe(91);
    expect(errors).toBeLessThanOrEqual(5);
    expect(clean.flatMap(({ warnings }) => warnings)).toEqual([]);
  });

  test('with noise 10 dB below the voice: the same words but for one in ten', async () => {
    const seeds = [1, 2, 3];
    const all = await Promise.all(
      seeds.map((seed) => againstClean((speech, index) => withNoise(speech, 'pink', 10, 100 * seed + index))),
    );
    const { errors, words } = sumOf(all);
    expect(errors / words).toBeLessThanOrEqual(0.1);
  });

  test('soft and loud', async () => {
    for (const gain of [0.1, 3]) {
      const { errors, words } = await againstClean((speech) => scaled(speech, gain));
      expect(errors / words).toBeLessThanOrEqual(0.1);
    }
  });

  test('three clips with 5 s of silence between: the same words, each in its place', async () => {
    const { engine, clips, clean } = heard;
    const three = clips.slice(5, 8);
    const parts = await Promise.all(three.map(({ path }) => samplesOf(path)));
    const gap = silence(5);
    const path = await wavFile(
      await tempDir(),
      'joined.wav',
      joined(parts.flatMap((part) => [part, gap]).slice(0, -1)),
    );
    const { text, segments, durationS } = await engine.transcribe(path);
    const expected = clean.slice(5, 8).map((each) => each.text);
    const { errors, words } = wordErrors(expected.join(' '), text);
    expect(errors / words).toBeLessThanOrEqual(0.1);
    let from = 0;
    for (const part of parts) {
      const to = from + part.length / 16_000;
      expect(segments.filter(({ startS, endS }) => startS >= from && endS <= to + 0.3)).not.toEqual([]);
      from = to + 5;
    }
    expect(segments.every(({ startS, endS }) => startS < endS && endS <= durationS)).toBe(true);
  });

  test('channels are speakers', async () => {
    const { engine, clips, clean } = heard;
    const [first, second] = await Promise.all([samplesOf(clips[5]?.path ?? ''), samplesOf(clips[7]?.path ?? '')]);
    const rest = silence(20);
    const left = joined([first as Float32Array, rest]).subarray(0, 300_000);
    const right = joined([silence(8), second as Float32Array, rest]).subarray(0, 300_000);
    const path = await wavFile(await tempDir(), 'two.wav', left, right);
    const { segments, channels } = await engine.transcribe(path, { channels: 'split' });
    expect(channels).toBe(2);
    expect(segments.map(({ speaker }) => speaker)).toEqual([0, 1]);
    for (const [index, clip] of [5, 7].entries()) {
      const { errors, words } = wordErrors(clean[clip]?.text ?? '', segments[index]?.text ?? '');
      expect(errors / words).toBeLessThanOrEqual(0.1);
    }
  });

  test('silence, noise, hum and tones are no words', async () => {
    const { engine } = heard;
    const length = 10 * 16_000;
    const sounds = {
      silence: silence(10),
      hum: hum(10),
      tones: tones(10),
      short: scaled(noise('white', 1600, 5), 0.1),
      ...Object.fromEntries(
        (['white', 'pink', 'brown'] as const).flatMap((kind, seed) =>
          [0.003, 0.03, 0.3].map((level) => [`${kind} ${level}`, scaled(noise(kind, length, seed), level)]),
        ),
      ),
    };
    const dir = await tempDir();
    const texts = Object.entries(sounds).map(async ([name, samples]) => {
      const path = await wavFile(dir, `${name}.wav`, samples);
      return [name, (await engine.transcribe(path)).text];
    });
    expect(Object.fromEntries(await Promise.all(texts))).toEqual(
      Object.fromEntries(Object.keys(sounds).map((name) => [name, ''])),
    );
  });
});
