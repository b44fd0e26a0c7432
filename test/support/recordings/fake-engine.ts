import { readFile } from 'node:fs/promises';
import { UsageError } from '../../../src/lib/base/errors/mlops-error.js';
import type { SpeechModel } from '../../../src/lib/model/speech-model.js';
import type { SpeechEngine, TranscribeOptions } from '../../../src/lib/speech/types.js';

export const fakeModel: SpeechModel = {
  name: 'fake',
  version: '1',
  digest: 'f'.repeat(64),
  language: 'en',
  license: 'MIT',
  files: { encoder: '/nowhere', decoder: '/nowhere', vad: '/nowhere' },
};

export interface FakeEngine extends SpeechEngine {
  /** Paths in the order they were begun. */
  readonly begun: string[];
  readonly isClosed: () => boolean;
}

/**
 * "Hears" what is written in the file; a file that begins with BAD is damaged audio. `before` runs while a recording is
 * under work, with what is written in it.
 */
export function fakeEngine(
  before: (text: string, options: TranscribeOptions) => Promise<void> = async () => {},
): FakeEngine {
  const begun: string[] = [];
  let closed = false;
  const { name, digest, language } = fakeModel;
  return {
    begun,
    isClosed: () => closed,
    model: { name, digest, language },
    threads: 2,
    async transcribe(path, options = {}) {
      begun.push(path);
      const text = (await readFile(path, 'utf8')).trim();
      await before(text, options);
      options.signal?.throwIfAborted();
      if (text.startsWith('BAD'))
        throw new UsageError(`${path} is damaged`, { code: 'AUDIO_DAMAGED', why: 'It says so.' });
      options.onProgress?.(1, 2);
      const segments = text === '' ? [] : [{ startS: 0.25, endS: 2, text }];
      const heard = { text, segments, durationS: 2, sampleRateHz: 8000, channels: 1, language, warnings: [] };
      return { ...heard, model: name, modelDigest: digest };
    },
    async close() {
      closed = true;
    },
  };
}
