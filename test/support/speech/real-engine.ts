import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createSpeechEngine } from '../../../src/lib/speech/engine.js';
import type { SpeechEngine } from '../../../src/lib/speech/types.js';
import { speechModel } from '../speech-model.js';

/** The real model on threads of the built files (threads start from compiled files, which the sources are not). */
export async function realEngine(threads = 1): Promise<SpeechEngine> {
  const workerEntry = join(import.meta.dirname, '..', '..', '..', 'dist', 'lib', 'speech', 'worker.entry.js');
  if (!existsSync(workerEntry)) throw new Error(`${workerEntry} is missing: npm run build`);
  const model = await speechModel();
  if (model === undefined) throw new Error('the speech model is not there');
  return createSpeechEngine(model, { threads, workerEntry });
}
