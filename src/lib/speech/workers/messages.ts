import type { ErrorJson } from '../../base/errors/mlops-error.js';
import type { SpeechModel } from '../../model/speech-model.js';
import type { Heard } from '../transcribe.js';
import type { ChannelMode } from '../types.js';
import type { NativeGuard } from './native-guard.js';

/** What a thread is started with. */
export interface ThreadStart {
  readonly files: SpeechModel['files'];
  readonly guard: NativeGuard;
}

/** What the engine tells a thread. At most one piece of work at a time. */
export type ToThread =
  | {
      readonly type: 'transcribe';
      readonly id: number;
      readonly path: string;
      readonly channels: ChannelMode;
      readonly maxDurationS?: number;
    }
  /** Answered by the end of the work: `failed`, or `done` when it came too late. */
  | { readonly type: 'abort'; readonly id: number }
  /** Free the memory and end. */
  | { readonly type: 'close' };

/** What a thread tells the engine. */
export type FromThread =
  | { readonly type: 'ready' }
  /** The model cannot be loaded: the thread ends. */
  | { readonly type: 'broken'; readonly error: ErrorJson }
  | { readonly type: 'progress'; readonly id: number; readonly doneS: number; readonly totalS: number | undefined }
  | { readonly type: 'done'; readonly id: number; readonly heard: Heard }
  | { readonly type: 'failed'; readonly id: number; readonly error: ErrorJson };

/** The port of a thread, seen from inside. */
export interface ThreadPort {
  postMessage(message: FromThread): void;
  on(event: 'message', listener: (message: ToThread) => void): unknown;
  close(): void;
}
