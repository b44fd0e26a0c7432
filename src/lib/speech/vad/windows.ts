import { windowSamples } from './silero.js';

/** Blocks of any length as windows of 512 samples. A window is good until the next one is asked for. */
export class Windows {
  readonly #window = new Float32Array(windowSamples);
  #filled = 0;

  *of(block: Float32Array): Generator<Float32Array> {
    for (let at = 0; at < block.length; ) {
      const taken = Math.min(windowSamples - this.#filled, block.length - at);
      this.#window.set(block.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled < windowSamples) return;
      this.#filled = 0;
      yield this.#window;
    }
  }

  /** What is left at the end, followed by silence, and how many samples of it are real. */
  rest(): { window: Float32Array; samples: number } | undefined {
    const samples = this.#filled;
    if (samples === 0) return undefined;
    this.#window.fill(0, samples);
    this.#filled = 0;
    return { window: this.#window, samples };
  }
}
