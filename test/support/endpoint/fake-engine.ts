import { readFile } from 'node:fs/promises';
import type { SpeechEngine, TranscribeOptions, Transcription } from '../../../src/lib/speech/types.js';

/** Says back what is in the file, so that a mixed-up recording is seen; `hold` keeps it from answering. */
export class FakeSpeechEngine implements SpeechEngine {
  readonly model = { name: 'moonshine-tiny', digest: 'd'.repeat(64), language: 'en' };
  readonly threads: number;
  /** Thrown instead of an answer; a function gets the path. */
  failure: ((path: string) => Error) | undefined;
  answer: Partial<Transcription> = {};
  readonly calls: { readonly path: string; readonly options: TranscribeOptions }[] = [];
  aborted = 0;
  closed = false;
  #held: PromiseWithResolvers<void> | undefined;

  constructor(threads = 2) {
    this.threads = threads;
  }

  hold(): void {
    this.#held = Promise.withResolvers();
  }

  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  async transcribe(path: string, options: TranscribeOptions = {}): Promise<Transcription> {
    this.calls.push({ path, options });
    const text = (await readFile(path, 'utf8')).slice(0, 1000);
    await this.#whileHeld(options.signal);
    if (this.failure !== undefined) throw this.failure(path);
    return {
      text,
      segments: text === '' ? [] : [{ startS: 0.25, endS: 1.5, text }],
      durationS: 2.5,
      sampleRateHz: 16_000,
      channels: 1,
      language: 'en',
      model: this.model.name,
      modelDigest: this.model.digest,
      warnings: [],
      ...this.answer,
    };
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  async #whileHeld(signal: AbortSignal | undefined): Promise<void> {
    const held = this.#held?.promise;
    if (held === undefined) return;
    const gone = new Promise<never>((_resolve, reject) => {
      const leave = () => {
        this.aborted++;
        reject(signal?.reason);
      };
      if (signal?.aborted) leave();
      else signal?.addEventListener('abort', leave, { once: true });
    });
    await Promise.race([held, gone]);
  }
}
