import { describeError } from '../../src/lib/base/errors/describe.js';
import { silentReporter } from '../../src/lib/base/progress/reporter.js';
import { ensureSpeechModel } from '../../src/lib/model/pull.js';
import type { SpeechModel } from '../../src/lib/model/speech-model.js';
import { cacheFolder } from '../../src/lib/platform/files/cache-folder.js';
import { requireOrSkip } from './requirements.js';

/** The speech model of the user's cache, fetched when it is not there; undefined, with one line, where it cannot be. */
export async function speechModel(name = 'moonshine-tiny'): Promise<SpeechModel | undefined> {
  try {
    return await ensureSpeechModel(name, {
      cacheDir: cacheFolder(process.env),
      offline: false,
      reporter: silentReporter,
    });
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    requireOrSkip('speech-model', false);
    return undefined;
  }
}
