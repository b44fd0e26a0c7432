import { keepRuntimeQuiet } from '../inference/runtime.js';
import type { SpeechModel } from '../model/speech-model.js';
import type { SpeechEngine } from './types.js';
import { ThreadPool } from './workers/pool.js';
import { type StartThread, workerThreads } from './workers/thread.js';

export interface EngineOptions {
  /** Recordings under work at once: each takes one core and about 250 MB. */
  readonly threads: number;
  /** File that threads start from; this package's own unless it is bundled. */
  readonly workerEntry?: string | URL;
  /** For those who bring their own threads. */
  readonly startThread?: StartThread;
}

/**
 * Loads a speech model into a thread of its own; further threads start when there is work for them. To be closed, also
 * because its threads keep the process alive.
 * Throws OperationError `MODEL_LOAD_FAILED`, `MODEL_NOT_SPEECH`, PrerequisiteError when ONNX Runtime is not there.
 */
export async function createSpeechEngine(model: SpeechModel, options: EngineOptions): Promise<SpeechEngine> {
  const { threads } = options;
  keepRuntimeQuiet();
  const pool = new ThreadPool(model.files, threads, options.startThread ?? workerThreads(options.workerEntry));
  await pool.open();
  const { name, digest, language } = model;
  return {
    model: { name, digest, language },
    threads,
    async transcribe(path, transcribeOptions = {}) {
      const { channels = 'mix', maxDurationS } = transcribeOptions;
      const limit = maxDurationS === undefined ? {} : { maxDurationS };
      const heard = await pool.run({ path, channels, ...limit }, transcribeOptions);
      return { ...heard, language, model: name, modelDigest: digest };
    },
    close: () => pool.close(),
  };
}
