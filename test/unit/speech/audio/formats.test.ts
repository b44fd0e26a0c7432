import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { firstMp3Frame } from '../../../../src/lib/speech/audio/mp3-frame.js';
import { errorOf } from '../../../support/errors.js';
import { audioFixture, correlation, hear, fixtureSound as sound } from '../../../support/speech-audio/sound.js';
import { tempDir } from '../../../support/temp-dir.js';

async function file(...parts: readonly Uint8Array[]): Promise<string> {
  const path = join(await tempDir(), 'recording');
  await writeFile(path, Buffer.concat(parts));
  return path;
}

const fixture = (name: string) => readFile(audioFixture(name));

const formats = [
  ['tone.flac', 'flac', 16_000, 0.9999],
  ['tone.mp3', 'mp3', 48_000, 0.99],
  ['tone-vorbis.ogg', 'ogg-vorbis', 48_000, 0.99],
  ['tone-opus.ogg', 'ogg-opus', 48_000, 0.98],
  ['tone.webm', 'webm-opus', 48_000, 0.98],
] as const;

test.each(formats)('%s: what went in, at its place and of its length', async (name, format, sampleRateHz, least) => {
  const heard = await hear(audioFixture(name));
  expect(heard).toMatchObject({ format, sampleRateHz, channels: [expect.anything()] });
  expect(heard.sound).toHaveLength(9600);
  expect(heard.claimedS).toBeCloseTo(0.6, 1);
  expect(correlation(sound, heard.sound)).toBeGreaterThan(least);
});

test('without a length in their headers: MP3 with its padding, WebM as a browser writes it', async () => {
  const mp3 = await hear(audioFixture('tone-without-length.mp3'));
  // 26 frames of 1152 samples at 48 kHz: what the encoder added is not said, so it is kept.
  expect(mp3).toMatchObject({ claimedS: undefined, sound: { length: (26 * 1152) / 3 } });
  const webm = await hear(audioFixture('tone-live.webm'));
  expect(webm).toMatchObject({ claimedS: undefined, sound: { length: 9600 } });
  expect(correlation(sound, webm.sound)).toBeGreaterThan(0.98);
});

test.each(formats.map(([name]) => name))('%s: cut anywhere, it is no shorter recording', async (name) => {
  const whole = await fixture(name);
  const places = [
    whole.length - 1,
    ...Array.from({ length: 12 }, (_, i) => Math.floor((whole.length * (i + 0.5)) / 12)),
  ];
  for (const length of places) {
    const error = await errorOf(async () => hear(await file(whole.subarray(0, length))));
    expect(['AUDIO_TRUNCATED', 'AUDIO_DAMAGED'], `${length} bytes: ${error.why}`).toContain(error.code);
  }
});

test.each(['tone-without-length.mp3', 'tone-live.webm'])('%s: cut within a frame, it is cut off', async (name) => {
  const whole = await fixture(name);
  for (const length of [whole.length - 1, whole.length - 40, Math.floor(whole.length / 2) + 1]) {
    const error = await errorOf(async () => hear(await file(whole.subarray(0, length))));
    expect(error.code).toBe('AUDIO_TRUNCATED');
  }
});

test('MP3 without a length, cut between two frames: the one cut that nobody can see', async () => {
  const whole = await fixture('tone-without-length.mp3');
  // 64 kbit/s at 48 kHz: every frame has 192 bytes.
  expect((await hear(await file(whole.subarray(0, 10 * 192)))).sound).toHaveLength((10 * 1152) / 3);
});

test.each(['tone.flac', 'tone-vorbis.ogg', 'tone-opus.ogg'])(
  '%s has checksums: one changed byte of sound is damage',
  async (name) => {
    const bytes = await fixture(name);
    const at = bytes.length - 1500;
    bytes[at] = (bytes[at] as number) ^ 0x10;
    expect((await errorOf(async () => hear(await file(bytes)))).code).toBe('AUDIO_DAMAGED');
  },
);

/** An ID3v2 tag with a picture of `size` bytes, none of which may be taken for sound. */
function id3(size: number): Buffer {
  const packed = [21, 14, 7, 0].map((shift) => (size >> shift) & 0x7f);
  return Buffer.concat([Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, ...packed]), Buffer.alloc(size, 0xff)]);
}

test.each(['tone.flac', 'tone-without-length.mp3'])('%s: tags in front and behind', async (name) => {
  const tag = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125)]);
  const plain = await hear(audioFixture(name));
  const tagged = await hear(await file(id3(300_000), id3(10), await fixture(name), tag));
  expect(tagged.sound).toEqual(plain.sound);
  const error = await errorOf(async () => hear(await file(id3(300_000).subarray(0, 1000))));
  expect(error).toMatchObject({ code: 'AUDIO_TRUNCATED', why: expect.stringMatching(/ID3/) });
});

test.each(['tone.mp3', 'tone-without-length.mp3'])(
  '%s: zeros in front are passed over, and nothing else',
  async (name) => {
    const tagged = await fixture(name);
    const whole = tagged.subarray(firstMp3Frame(tagged));
    const plain = await hear(audioFixture(name));
    expect((await hear(await file(Buffer.alloc(5000), whole))).sound).toEqual(plain.sound);
    expect((await hear(await file(id3(100), Buffer.alloc(7), whole))).sound).toEqual(plain.sound);
    // A beginning that is lost, leftovers of a tag, another file around it: what is missing cannot be told.
    for (const [junk, from] of [
      [Buffer.alloc(0), 100],
      [Buffer.from('\x89leftovers of a tag', 'latin1'), 0],
      [Buffer.from('PK\x03\x04a.mp3'), 0],
    ] as const) {
      const error = await errorOf(async () => hear(await file(junk, whole.subarray(from))));
      expect(error).toMatchObject({
        code: 'AUDIO_UNKNOWN',
        why: expect.stringMatching(/^MP3 begins only at byte \d+;/),
      });
    }
    const far = await errorOf(async () => hear(await file(Buffer.alloc(70_000), whole)));
    expect(far.code).toBe('AUDIO_UNKNOWN');
  },
);

test('MP3: other tags and zeros at the end are no sound, and anything else is damage', async () => {
  const whole = await fixture('tone-without-length.mp3');
  for (const end of [Buffer.from(`APETAGEX${'x'.repeat(200)}`), Buffer.alloc(1000)]) {
    expect((await hear(await file(whole, end))).sound).toHaveLength(9984);
  }
  const error = await errorOf(async () => hear(await file(whole, Buffer.alloc(1000, 0x55))));
  expect(error).toMatchObject({ code: 'AUDIO_DAMAGED', why: expect.stringMatching(/byte 4992/) });
  // Two files in one, with a tag between them.
  expect((await hear(await file(whole, id3(100), whole))).sound).toHaveLength(2 * 9984);
});

test.each(['tone-vorbis.ogg', 'tone-opus.ogg'])('%s: chained streams come one after the other', async (name) => {
  const one = await fixture(name);
  const heard = await hear(await file(one, one));
  expect(heard.sound).toHaveLength(19_200);
  expect(correlation(sound, heard.sound.subarray(9600))).toBeGreaterThan(0.98);
  const error = await errorOf(async () => hear(await file(one, one.subarray(0, -1))));
  expect(error.code).toBe('AUDIO_TRUNCATED');
});

test('a chain that changes its codec is refused', async () => {
  const parts = [await fixture('tone-vorbis.ogg'), await fixture('tone-opus.ogg')];
  const error = await errorOf(async () => hear(await file(...parts)));
  expect(error).toMatchObject({
    code: 'AUDIO_UNSUPPORTED',
    why: expect.stringMatching(/ogg-opus .* after ogg-vorbis/),
  });
});
