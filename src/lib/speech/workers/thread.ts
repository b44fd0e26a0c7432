import { Worker } from 'node:worker_threads';
import type { SpeechModel } from '../../model/speech-model.js';
import { atExit } from '../../platform/process/at-exit.js';
import type { FromThread, ThreadStart, ToThread } from './messages.js';
import { createNativeGuard, leaveNativeCode } from './native-guard.js';

/** A thread, seen from outside. */
export interface SpeechThread {
  post(message: ToThread): void;
  onMessage(listener: (message: FromThread) => void): void;
  /** Called once, after the last message; `why` is a sentence when it did not end as it was told to. */
  onEnd(listener: (why: string | undefined) => void): void;
  /** For one that does not end when it is told to. */
  kill(): void;
}

export type StartThread = (files: SpeechModel['files']) => SpeechThread;

const ownEntry = new URL('../worker.entry.js', import.meta.url);

/** Threads of this process. @param entry file that they start from; this package's own unless it is bundled */
export function workerThreads(entry: string | URL = ownEntry): StartThread {
  return (files) => {
    const guard = createNativeGuard();
    const start: ThreadStart = { files, guard };
    // Node's own arguments are those of the caller's entry: `--input-type` and others refuse a file. Most of what a thread
    // allocates is young and large: collecting it more often takes 50 MB less, and no time that can be measured.
    const worker = new Worker(entry, {
      workerData: start,
      name: 'speech',
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    const forget = atExit(() => leaveNativeCode(guard));
    worker.once('exit', forget);
    let why: string | undefined;
    worker.on('error', (error) => {
      why = `Its thread failed: ${error.message}`;
    });
    return {
      post: (message) => worker.postMessage(message),
      onMessage: (listener) => void worker.on('message', listener),
      onEnd(listener) {
        worker.once('exit', (code) =>
          listener(why ?? (code === 0 ? undefined : `Its thread ended with code ${code}.`)),
        );
      },
      kill: () => void worker.terminate(),
    };
  };
}
