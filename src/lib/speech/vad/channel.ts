import { type Piece, Segmenter } from './segmenter.js';
import type { VoiceDetector } from './silero.js';
import { Windows } from './windows.js';

/** One channel of a recording on its way from blocks of samples to pieces of speech. */
export class Channel {
  readonly #detector: VoiceDetector;
  readonly #windows = new Windows();
  readonly #segmenter = new Segmenter();

  constructor(detector: VoiceDetector) {
    this.#detector = detector;
  }

  async *push(block: Float32Array): AsyncGenerator<Piece> {
    for (const window of this.#windows.of(block)) {
      const piece = this.#segmenter.push(window, await this.#detector.probability(window));
      if (piece !== undefined) yield piece;
    }
  }

  async *end(): AsyncGenerator<Piece> {
    const rest = this.#windows.rest();
    if (rest !== undefined) {
      const probability = await this.#detector.probability(rest.window);
      const piece = this.#segmenter.push(rest.window.subarray(0, rest.samples), probability);
      if (piece !== undefined) yield piece;
    }
    const last = this.#segmenter.flush();
    if (last !== undefined) yield last;
  }
}
