import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasFfmpeg, hasRecordings } from '../../support/requirements.js';
import { type CleanClips, hearCleanClips } from '../../support/speech/clean-clips.js';
import { sumOf, wordErrors } from '../../support/speech/word-errors.js';
import { speechModel } from '../../support/speech-model.js';
import { tempDir } from '../../support/temp-dir.js';

const run = promisify(execFile);
const available = hasRecordings() && hasFfmpeg() && (await speechModel()) !== undefined;

describe.skipIf(!available)('the same recordings in other formats: the same words but for one in ten', () => {
  let heard: CleanClips;
  beforeAll(async () => {
    heard = await hearCleanClips();
  });
  afterAll(() => heard?.engine.close());

  test.each([
    ['8 kHz mu-law', 'wav', 8_000, 1, ['-ar', '8000', '-c:a', 'pcm_mulaw']],
    ['44.1 kHz stereo', 'flac', 44_100, 2, ['-ar', '44100', '-ac', '2']],
    ['64 kbit/s', 'mp3', 16_000, 1, ['-b:a', '64k']],
    ['64 kbit/s', 'opus', 48_000, 1, ['-c:a', 'libopus', '-b:a', '64k']],
  ])('%s %s', async (_what, extension, rate, channels, args) => {
    const { engine, clips, clean } = heard;
    const dir = await tempDir();
    const all = clips.map(async ({ path }, index) => {
      const converted = join(dir, `${index}.${extension}`);
      await run('ffmpeg', ['-v', 'error', '-i', path, ...args, converted]);
      const { text, durationS, sampleRateHz, channels: count } = await engine.transcribe(converted);
      expect({ rate: sampleRateHz, count }).toEqual({ rate, count: channels });
      expect(Math.abs(durationS - (clean[index]?.durationS ?? 0))).toBeLessThan(0.1);
      return wordErrors(clean[index]?.text ?? '', text);
    });
    const { errors, words } = sumOf(await Promise.all(all));
    expect(errors / words).toBeLessThanOrEqual(0.1);
  });
});
