import { describeError } from '../../base/errors/describe.js';
import { type ErrorJson, MlopsError, OperationError } from '../../base/errors/mlops-error.js';
import { openAudio } from '../audio/open.js';
import { transcribeStream } from '../transcribe.js';
import type { ThreadPort, ThreadStart, ToThread } from './messages.js';
import { type LoadedModel, loadModel } from './model.js';

/** What a thread needs from outside itself. */
export interface ThreadDeps {
  readonly loadModel: (start: ThreadStart) => Promise<LoadedModel>;
  readonly openAudio: typeof openAudio;
}

const realDeps: ThreadDeps = { loadModel, openAudio };

/** The inside of a thread: loads the model once, then transcribes one recording after the other until it is closed. */
export async function serveThread(port: ThreadPort, start: ThreadStart, deps: ThreadDeps = realDeps): Promise<void> {
  let working: { readonly id: number; readonly abort: AbortController; readonly done: Promise<void> } | undefined;
  const loading = deps.loadModel(start);
  port.on('message', (message) => {
    if (message.type === 'abort') {
      if (working?.id === message.id) working.abort.abort();
    } else if (message.type === 'close') {
      void close();
    } else {
      const abort = new AbortController();
      working = { id: message.id, abort, done: work(message, abort.signal) };
    }
  });

  async function work(order: Extract<ToThread, { type: 'transcribe' }>, signal: AbortSignal): Promise<void> {
    const { id, path, channels, maxDurationS } = order;
    try {
      const { recogniser, detector } = await loading;
      const stream = await deps.openAudio(path, { channels, signal });
      const heard = await transcribeStream(stream, {
        recogniser,
        detector,
        split: channels === 'split',
        signal,
        ...(maxDurationS === undefined ? {} : { maxDurationS }),
        onProgress: (doneS, totalS) => port.postMessage({ type: 'progress', id, doneS, totalS }),
      });
      port.postMessage({ type: 'done', id, heard });
    } catch (error) {
      port.postMessage({ type: 'failed', id, error: errorJson(error) });
    }
  }

  async function close(): Promise<void> {
    await working?.done;
    const model = await loading.catch(() => undefined);
    await model?.close();
    // The thread ends by itself when nothing is open: ending it from outside could cut off native code.
    port.close();
  }

  try {
    await loading;
    port.postMessage({ type: 'ready' });
  } catch (error) {
    port.postMessage({ type: 'broken', error: errorJson(error) });
    port.close();
  }
}

function errorJson(error: unknown): ErrorJson {
  if (error instanceof MlopsError) return error.toJSON();
  const details = { code: 'RECOGNITION_FAILED', why: describeError(error) };
  return new OperationError('The recording could not be transcribed', details).toJSON();
}
