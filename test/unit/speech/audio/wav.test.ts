import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorOf } from '../../../support/errors.js';
import { hear, signalToNoise, fixtureSound as sound, sweep } from '../../../support/speech-audio/sound.js';
import { int16, interleave, type WavOptions, wavBytes } from '../../../support/speech-audio/wav-bytes.js';
import { tempDir } from '../../../support/temp-dir.js';

async function file(bytes: Uint8Array): Promise<string> {
  const path = join(await tempDir(), 'recording.wav');
  await writeFile(path, bytes);
  return path;
}

/** The byte whose value lies nearest. */
function companded(value: number, values: readonly number[]): number {
  let best = 0;
  for (const [byte, other] of values.entries()) {
    if (Math.abs(other - value) < Math.abs((values[best] as number) - value)) best = byte;
  }
  return best;
}

/** ITU-T G.711 by its definition: a sign, a segment that doubles, 16 steps in it; mu-law's bytes are inverted. */
function muLaw(byte: number): number {
  const code = 255 - byte;
  const magnitude = (33 + 2 * (code % 16)) * 2 ** (Math.floor(code / 16) % 8) - 33;
  return (code >= 128 ? -magnitude : magnitude) / 8192;
}

function aLaw(byte: number): number {
  const code = byte ^ 0x55;
  const segment = Math.floor(code / 16) % 8;
  const step = 2 * (code % 16) + 1;
  const magnitude = segment === 0 ? step : (step + 32) * 2 ** (segment - 1);
  return (code >= 128 ? magnitude : -magnitude) / 4096;
}

const muLawValues = Array.from({ length: 256 }, (_, byte) => muLaw(byte));
const aLawValues = Array.from({ length: 256 }, (_, byte) => aLaw(byte));

type Encoding = readonly [
  name: string,
  options: WavOptions,
  encode: (out: Buffer, at: number, value: number) => void,
  dB: number,
];
const encodings: readonly Encoding[] = [
  ['8 bits', { bits: 8 }, (out, at, value) => out.writeUInt8(Math.round(value * 127) + 128, at), 38],
  ['16 bits', { bits: 16 }, (out, at, value) => out.writeInt16LE(Math.round(value * 32_767), at), 80],
  ['24 bits', { bits: 24 }, (out, at, value) => out.writeIntLE(Math.round(value * 8_388_607), at, 3), 120],
  ['32 bits', { bits: 32 }, (out, at, value) => out.writeInt32LE(Math.round(value * 2_147_483_647), at), 120],
  ['floats', { tag: 3, bits: 32 }, (out, at, value) => out.writeFloatLE(value, at), 140],
  ['doubles', { tag: 3, bits: 64 }, (out, at, value) => out.writeDoubleLE(value, at), 140],
  ['mu-law', { tag: 7, bits: 8 }, (out, at, value) => out.writeUInt8(companded(value, muLawValues), at), 35],
  ['A-law', { tag: 6, bits: 8 }, (out, at, value) => out.writeUInt8(companded(value, aLawValues), at), 35],
];

test.each(encodings)('%s, one and two channels, plain and extensible', async (_, options, encode, decibels) => {
  const bytes = (options.bits ?? 16) / 8;
  const one = await hear(await file(wavBytes(interleave([sound], bytes, encode), options)));
  expect(one).toMatchObject({ format: 'wav', sampleRateHz: 16_000, channels: [expect.anything()], claimedS: 0.6 });
  expect(one.sound).toHaveLength(9600);
  expect(signalToNoise(sound, one.sound, 0)).toBeGreaterThan(decibels);

  const other = sweep(16_000, 0.6, 3000, 200);
  const stereo = wavBytes(interleave([sound, other], bytes, encode), { ...options, channels: 2, isExtensible: true });
  const { channels } = await hear(await file(stereo), { channels: 'split' });
  expect(signalToNoise(sound, channels[0] as Float32Array, 0)).toBeGreaterThan(decibels);
  expect(signalToNoise(other, channels[1] as Float32Array, 0)).toBeGreaterThan(decibels);
});

test('channels are mixed to their mean', async () => {
  const path = await file(
    wavBytes(
      int16(
        sound,
        sound.map((value) => -value),
        sound,
      ),
      { channels: 3 },
    ),
  );
  expect(
    signalToNoise(
      sound.map((value) => value / 3),
      (await hear(path)).sound,
      0,
    ),
  ).toBeGreaterThan(70);
});

test('chunks of odd length before the samples, and anything behind them', async () => {
  const chunks = [
    ['LIST', Buffer.alloc(7)],
    ['junk', Buffer.alloc(1)],
  ] as const;
  const bytes = Buffer.concat([wavBytes(int16(sound), { chunks }), Buffer.from('LIST\x04\0\0\0abcd')]);
  expect((await hear(await file(bytes))).sound).toHaveLength(9600);
});

test('RF64, with its sizes in 64 bits', async () => {
  expect((await hear(await file(wavBytes(int16(sound), { is64: true })))).sound).toHaveLength(9600);
});

test.each([
  ['0', 0],
  ["ffmpeg's", 0xffffffff],
  ["sox's", 0x7ffff000],
  ["arecord's", 0x80000000],
])('from a pipe, with %s size: all that is there', async (_, dataSize) => {
  const path = await file(wavBytes(int16(sound), { dataSize, riffSize: 0xffffffff }));
  expect(await hear(path)).toMatchObject({ claimedS: 0.6, sound: { length: 9600 } });
});

test.each([1, 2, 3, 4])(
  'from a pipe that broke within a sample, after %i bytes of frames of 6: cut off',
  async (more) => {
    const bytes = Buffer.concat([Buffer.alloc(600), Buffer.alloc(more, 1)]);
    const wav = wavBytes(bytes, { channels: 2, bits: 24, dataSize: 0x7ffff000, riffSize: 0x7ffff024 });
    const error = await errorOf(async () => hear(await file(wav)));
    expect(error).toMatchObject({ code: 'AUDIO_TRUNCATED', why: 'It ends within a sample, after 0.006 s.' });
  },
);

test('from a pipe, with the byte that makes an odd length even: all that is there', async () => {
  const wav = (end: number) =>
    wavBytes(Buffer.concat([Buffer.alloc(303), Buffer.from([end])]), {
      ...{ bits: 24, dataSize: 0x7fffefff, riffSize: 0x7ffff024 },
    });
  expect(await hear(await file(wav(0)))).toMatchObject({ claimedS: 101 / 16_000 });
  expect((await errorOf(async () => hear(await file(wav(7))))).code).toBe('AUDIO_TRUNCATED');
});

test.each([1, 100, 9000, 19_199])('a file that lacks %i bytes is cut off, and says by how much', async (missing) => {
  const error = await errorOf(async () => hear(await file(wavBytes(int16(sound)).subarray(0, -missing))));
  expect(error).toMatchObject({
    code: 'AUDIO_TRUNCATED',
    exitCode: 2,
    why: expect.stringMatching(/says 0\.600 s .* are there/),
  });
});

test.each([13, 19, 30, 43])('cut in its header, after %i bytes', async (length) => {
  const error = await errorOf(async () => hear(await file(wavBytes(int16(sound)).subarray(0, length))));
  expect(error.code).toBe('AUDIO_TRUNCATED');
});

test.each([
  ['no channels', { channels: 0 }, /0 channels/],
  ['1000 channels', { channels: 1000 }, /1000 channels.*At most 32/],
  ['no rate', { rate: 0 }, /0 Hz.*1000 to 768000/],
  ['a rate of 2^31', { rate: 2 ** 31 }, /2147483648 Hz/],
  ['12 bits in one and a half bytes', { bits: 12 }, /does not add up/],
])('a header with %s is refused', async (_, options, why) => {
  const error = await errorOf(async () => hear(await file(wavBytes(int16(sound), options))));
  expect(error).toMatchObject({ code: 'AUDIO_DAMAGED', why: expect.stringMatching(why) });
});

test('no samples, and samples that are no numbers', async () => {
  expect(await errorOf(async () => hear(await file(wavBytes(Buffer.alloc(0)))))).toMatchObject({ code: 'AUDIO_EMPTY' });
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const samples = sound.map((value, i) => (i === 5000 ? bad : value));
    const bytes = interleave([samples], 4, (out, at, value) => out.writeFloatLE(value, at));
    const error = await errorOf(async () => hear(await file(wavBytes(bytes, { tag: 3, bits: 32 }))));
    expect(error).toMatchObject({ code: 'AUDIO_DAMAGED', why: expect.stringMatching(/not a number/) });
  }
});

test('floats beyond full scale are clipped', async () => {
  const bytes = interleave([sound.map((value) => value * 4)], 4, (out, at, value) => out.writeFloatLE(value, at));
  const heard = await hear(await file(wavBytes(bytes, { tag: 3, bits: 32 })));
  expect(Math.max(...heard.sound)).toBe(1);
  expect(Math.min(...heard.sound)).toBe(-1);
});

test('a thousand chunks without samples are not read on', async () => {
  const chunks = Array.from({ length: 1001 }, () => ['junk', Buffer.alloc(0)] as const);
  const error = await errorOf(async () => hear(await file(wavBytes(int16(sound), { chunks }))));
  expect(error).toMatchObject({ code: 'AUDIO_DAMAGED', why: expect.stringMatching(/1000 chunks, the limit/) });
});
