import { copyFile, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAudio } from '../../../../src/lib/speech/audio/open.js';
import { errorOf } from '../../../support/errors.js';
import { between, seeded } from '../../../support/random.js';
import { audioFixture, fixtureSound, hear, sweep } from '../../../support/speech-audio/sound.js';
import { int16, wavBytes } from '../../../support/speech-audio/wav-bytes.js';
import { tempDir } from '../../../support/temp-dir.js';

async function file(name: string, bytes: string | Uint8Array): Promise<string> {
  const path = join(await tempDir(), name);
  await writeFile(path, bytes);
  return path;
}

const tones = ['tone.flac', 'tone.mp3', 'tone-vorbis.ogg', 'tone-opus.ogg', 'tone.webm', 'tone-live.webm'];

async function openFiles(path: string): Promise<number> {
  const links = await readdir('/proc/self/fd').catch(() => []);
  const targets = await Promise.all(links.map((link) => readlink(`/proc/self/fd/${link}`).catch(() => '')));
  return targets.filter((target) => target === path).length;
}

test('the bytes say what a file is, not its name', async () => {
  const path = join(await tempDir(), 'really-flac.wav');
  await copyFile(audioFixture('tone.flac'), path);
  expect(await hear(path)).toMatchObject({ format: 'flac', sound: { length: 9600 } });
});

test.each([
  ['an empty file', '', { code: 'AUDIO_EMPTY', why: 'The file has 0 bytes.' }],
  ['text', 'It was a dark and stormy night.\n', { code: 'AUDIO_UNKNOWN', why: 'It is text.' }],
  ['text in UTF-16', Buffer.from('\uFEFFIt was a dark night.', 'utf16le'), { code: 'AUDIO_UNKNOWN' }],
  ['one letter', 'R', { code: 'AUDIO_UNKNOWN' }],
  [
    'a picture',
    Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\r', 'latin1'),
    { code: 'AUDIO_UNKNOWN', why: expect.stringMatching(/89 50 4e 47/) },
  ],
  ['a playlist', '#EXTM3U\nfile:///etc/passwd\n', { code: 'AUDIO_UNKNOWN' }],
])('%s named .wav', async (_, bytes, expected) => {
  const path = await file('recording.wav', bytes);
  const error = await errorOf(() => openAudio(path));
  expect(error).toMatchObject({ ...expected, exitCode: 2, message: expect.stringContaining(path) });
});

test('a file that is not there, and a folder', async () => {
  const dir = await tempDir();
  expect((await errorOf(() => openAudio(join(dir, 'none.wav')))).code).toBe('FILE_NOT_FOUND');
  await mkdir(join(dir, 'folder.wav'));
  expect((await errorOf(() => openAudio(join(dir, 'folder.wav')))).code).toBe('FILE_UNREADABLE');
});

test('a tenth of a second, at any rate', async () => {
  for (const rate of [8000, 16_000, 44_100]) {
    const path = await file('short.wav', wavBytes(int16(sweep(rate, 0.1, 200, 3000)), { rate }));
    expect((await hear(path)).sound).toHaveLength(1600);
  }
});

test('blocks are of bounded size, and split channels of the same length', async () => {
  const tone = sweep(8000, 20, 200, 3000);
  const path = await file('long.wav', wavBytes(int16(tone, tone), { rate: 8000, channels: 2 }));
  const { blocks } = await openAudio(path, { channels: 'split' });
  let total = 0;
  for await (const [left, right] of blocks) {
    expect(left?.length).toBeLessThanOrEqual(16_384);
    expect(right).toEqual(left);
    total += left?.length ?? 0;
  }
  expect(total).toBe(320_000);
});

test.skipIf(process.platform !== 'linux')(
  'the file is closed: unread, at the end, and when its reader stops',
  async () => {
    const path = await file('long.wav', wavBytes(int16(sweep(16_000, 20, 200, 3000))));
    const stream = await openAudio(path);
    expect(await openFiles(path)).toBe(0);
    for await (const _ of stream.blocks) {
      expect(await openFiles(path)).toBe(1);
      break;
    }
    expect(await openFiles(path)).toBe(0);
    await hear(path);
    expect(await openFiles(path)).toBe(0);
  },
);

test.each(tones)('%s: an aborted signal ends it with its reason', async (name) => {
  const controller = new AbortController();
  const { blocks } = await openAudio(audioFixture(name), { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(blocks[Symbol.asyncIterator]().next()).rejects.toThrow('enough');
  await expect(openAudio(audioFixture(name), { signal: controller.signal })).rejects.toThrow('enough');
});

test.each([...tones, 'wav'])('%s: whatever is changed in it, it is read or refused in our words', async (name) => {
  const whole = name === 'wav' ? wavBytes(int16(fixtureSound)) : await readFile(audioFixture(name));
  const random = seeded(whole.length);
  const path = await file('fuzzed', '');
  const runner = {
    run: () => Promise.reject(new Error('no program')),
    start: () => Promise.reject(new Error('no program')),
  };
  for (let round = 0; round < 30; round++) {
    const bytes = Buffer.from(whole);
    for (let flips = between(random, 1, 4); flips > 0; flips--) {
      bytes[between(random, 0, round % 2 === 0 ? 200 : bytes.length - 1)] = between(random, 0, 255);
    }
    await writeFile(path, bytes);
    try {
      const { channels } = await hear(path, { runner, channels: 'split' });
      for (const channel of channels) expect(channel.every((value) => Math.abs(value) <= 1)).toBe(true);
    } catch (error) {
      if ((error as Error).message !== 'no program')
        expect(error).toMatchObject({ code: expect.stringMatching(/^AUDIO_/) });
    }
  }
});
