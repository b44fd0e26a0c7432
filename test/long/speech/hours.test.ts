import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SpeechModel } from '../../../src/lib/model/speech-model.js';
import { hasRecordings } from '../../support/requirements.js';
import { repeatedWav, transcribeLong } from '../../support/speech/long-recording.js';
import { recordings } from '../../support/speech/recordings.js';
import { joined, samplesOf, silence } from '../../support/speech/sounds.js';
import { sumOf, wordErrors } from '../../support/speech/word-errors.js';
import { speechModel } from '../../support/speech-model.js';
import { tempDir } from '../../support/temp-dir.js';

const model = await speechModel();
const megabytes = (bytes: number) => Math.round(bytes / 1e6);

describe.skipIf(model === undefined)('hours of audio', () => {
  test('an hour of silence is no text', async () => {
    const path = join(await tempDir(), 'silence.wav');
    await repeatedWav(path, silence(1), 3600);
    const { text, durationS, segments, rss } = await transcribeLong(model as SpeechModel, path);
    process.stderr.write(`an hour of silence: at most ${megabytes(Math.max(...rss))} MB\n`);
    expect({ text, durationS, segments }).toEqual({ text: '', durationS: 3600, segments: 0 });
  });

  test.skipIf(!hasRecordings())('two hours of speech take no more memory than half an hour', async () => {
    const clips = recordings();
    const parts = await Promise.all(clips.map(async ({ path }) => [await samplesOf(path), silence(1)]));
    const round = joined(parts.flat());
    const path = join(await tempDir(), 'speech.wav');
    await repeatedWav(path, round, 7200);
    const { text, durationS, rss, warnings } = await transcribeLong(model as SpeechModel, path);
    const [half, all] = [Math.max(...rss.slice(0, 31)), Math.max(...rss)];
    const rounds = Math.floor((7200 * 16_000) / round.length);
    const once = clips.map(({ transcript }) => transcript).join(' ');
    const { errors, words } = sumOf([wordErrors(Array.from({ length: rounds }, () => once).join(' '), text)]);
    process.stderr.write(
      `two hours of speech: ${megabytes(half)} MB in the first half hour, ${megabytes(all)} MB in all, ` +
        `${errors} of ${words} words wrong\n`,
    );
    expect(durationS).toBe(7200);
    expect(warnings).toEqual([]);
    expect(errors / words).toBeLessThan(0.1);
    expect(all).toBeLessThan(600e6);
    expect(all / half).toBeLessThan(1.1);
  });
});
