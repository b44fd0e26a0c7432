import { describe, expect, test } from 'vitest';
import type { Recogniser, Recognition } from '../../../src/lib/speech/recognise/recogniser.js';
import { type ListenOptions, transcribeStream } from '../../../src/lib/speech/transcribe.js';
import { type AudioStream, speechRateHz } from '../../../src/lib/speech/types.js';
import { errorOf } from '../../support/errors.js';

/** A voice is a level: what is loud is speech, and its level in tenths is the word. */
const detector = () => ({ probability: async (window: Float32Array) => ((window[256] ?? 0) > 0 ? 0.9 : 0) });

function recogniserOf(answer: Partial<Recognition> = {}): Recogniser & { heard: number[] } {
  const heard: number[] = [];
  return {
    heard,
    async recognise(samples) {
      heard.push(samples.length / speechRateHz);
      return {
        text: `word ${Math.round(samples.reduce((a, b) => Math.max(a, b)) * 10)}`,
        logProbability: -0.1,
        ...answer,
      };
    },
    close: async () => undefined,
  };
}

type Part = readonly [seconds: number, level: number];

function samplesOf(parts: readonly Part[]): Float32Array {
  const samples = new Float32Array(parts.reduce((sum, [seconds]) => sum + seconds, 0) * speechRateHz);
  let at = 0;
  for (const [seconds, level] of parts) {
    samples.fill(level, at, at + seconds * speechRateHz);
    at += seconds * speechRateHz;
  }
  return samples;
}

function streamOf(channels: readonly (readonly Part[])[], claimedS?: number): AudioStream {
  const samples = channels.map(samplesOf);
  const length = samples[0]?.length ?? 0;
  async function* blocks() {
    for (let at = 0; at < length; at += 10_000) yield samples.map((channel) => channel.subarray(at, at + 10_000));
  }
  return { format: 'wav', sampleRateHz: 8_000, channels: channels.length, claimedS, blocks: blocks() };
}

function listen(stream: AudioStream, options: Partial<ListenOptions> = {}) {
  return transcribeStream(stream, { recogniser: recogniserOf(), detector, split: false, ...options });
}

describe('a recording as text', () => {
  test('pieces in the order of time, on the clock of the recording', async () => {
    const progress: [number, number | undefined][] = [];
    const heard = await listen(
      streamOf(
        [
          [
            [2, 0],
            [1, 0.1],
            [5, 0],
            [2, 0.2],
            [1, 0],
          ],
        ],
        11,
      ),
      {
        onProgress: (...each) => progress.push(each),
      },
    );
    expect(heard).toMatchObject({
      text: 'word 1 word 2',
      durationS: 11,
      sampleRateHz: 8_000,
      channels: 1,
      warnings: [],
    });
    expect(heard.segments.map(({ text, ...rest }) => [text, Object.keys(rest)])).toEqual([
      ['word 1', ['startS', 'endS']],
      ['word 2', ['startS', 'endS']],
    ]);
    const [first, second] = heard.segments;
    for (const [at, expected] of [
      [first?.startS, 1.8],
      [first?.endS, 3.2],
      [second?.startS, 7.8],
      [second?.endS, 10.2],
    ]) {
      expect(Math.abs((at ?? 0) - (expected ?? 0))).toBeLessThan(0.05);
    }
    expect(progress.at(-1)).toEqual([11, 11]);
    expect(progress[0]).toEqual([0.625, 11]);
  });

  test('channels are speakers, merged by time', async () => {
    const left: Part[] = [
      [1, 0.1],
      [4, 0],
      [1, 0.2],
      [2, 0],
    ];
    const right: Part[] = [
      [2.5, 0],
      [1, 0.3],
      [4.5, 0],
    ];
    const heard = await listen(streamOf([left, right]), { split: true });
    expect(heard.segments.map(({ speaker, text }) => [speaker, text])).toEqual([
      [0, 'word 1'],
      [1, 'word 3'],
      [0, 'word 2'],
    ]);
    expect(heard.text).toBe('word 1 word 3 word 2');
    expect(heard.channels).toBe(2);
  });

  test('silence asks nothing of the model', async () => {
    const recogniser = recogniserOf();
    expect(await listen(streamOf([[[30, 0]]]), { recogniser })).toMatchObject({
      text: '',
      segments: [],
      durationS: 30,
    });
    expect(recogniser.heard).toEqual([]);
  });

  test('five minutes without a pause is heard in pieces of at most 25 s, all of it', async () => {
    const recogniser = recogniserOf();
    const heard = await listen(streamOf([[[300, 0.1]]]), { recogniser });
    expect(Math.max(...recogniser.heard)).toBeLessThanOrEqual(25);
    expect(recogniser.heard.reduce((sum, seconds) => sum + seconds, 0)).toBeCloseTo(300, 1);
    expect(heard.segments.length).toBe(recogniser.heard.length);
  });

  test('what the model is unsure of is noise, and no text is no segment', async () => {
    const parts: Part[] = [
      [1, 0],
      [1, 0.1],
      [1, 0],
    ];
    expect((await listen(streamOf([parts]), { recogniser: recogniserOf({ logProbability: -2 }) })).segments).toEqual(
      [],
    );
    expect((await listen(streamOf([parts]), { recogniser: recogniserOf({ text: '' }) })).segments).toEqual([]);
    // That it was cut is told all the same.
    const cut = await listen(streamOf([parts]), { recogniser: recogniserOf({ logProbability: -2, cut: 'runaway' }) });
    expect([cut.segments, cut.warnings.map(({ kind }) => kind)]).toEqual([[], ['runaway']]);
  });

  test.each(['repetition', 'runaway'] as const)('%s is said, and where', async (cut) => {
    const heard = await listen(
      streamOf([
        [
          [1, 0],
          [2, 0.1],
          [1, 0],
        ],
      ]),
      { recogniser: recogniserOf({ cut }) },
    );
    expect(heard.warnings).toEqual([{ kind: cut, startS: heard.segments[0]?.startS, endS: heard.segments[0]?.endS }]);
  });

  test('a limit of length: before the work where the header says it, else as soon as it is passed', async () => {
    const recogniser = recogniserOf();
    const parts: Part[] = [
      [2, 0.1],
      [2, 0],
      [20, 0],
    ];
    const options = { maxDurationS: 10, recogniser };
    const claimed = await errorOf(() => listen(streamOf([parts], 24), options));
    expect(claimed).toMatchObject({ code: 'AUDIO_TOO_LONG', exitCode: 2 });
    expect(claimed.why).toContain('10 s');
    expect(recogniser.heard).toEqual([]);
    expect(await errorOf(() => listen(streamOf([parts]), options))).toMatchObject({ code: 'AUDIO_TOO_LONG' });
    expect((await listen(streamOf([[[10, 0]]]), options)).durationS).toBe(10);
  });

  test('an abort is heard between two pieces', async () => {
    const abort = new AbortController();
    const recogniser = recogniserOf();
    const running = listen(
      streamOf([
        [
          [1, 0.1],
          [2, 0],
          [1, 0.2],
          [2, 0],
        ],
      ]),
      {
        recogniser,
        signal: abort.signal,
        onProgress: (doneS) => {
          if (doneS > 2) abort.abort(new Error('enough'));
        },
      },
    );
    await expect(running).rejects.toThrow('enough');
    expect(recogniser.heard).toHaveLength(1);
  });

  test('what goes wrong with the recording goes to the caller', async () => {
    async function* broken() {
      yield [new Float32Array(100)];
      throw new Error('damaged');
    }
    await expect(listen({ ...streamOf([[[1, 0]]]), blocks: broken() })).rejects.toThrow('damaged');
  });
});
