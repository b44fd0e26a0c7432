import { speechRateHz } from '../types.js';
import { quietestWindow } from './quietest.js';
import { windowSamples } from './silero.js';

/** A stretch of a recording that is to be recognised as a whole. Positions in samples from the start of the recording. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly samples: Float32Array;
}

/** All in seconds but the two probabilities. */
export interface SegmenterOptions {
  /** Speech begins at the first and lasts until it falls below the second: one threshold would flutter. */
  readonly begins: number;
  readonly lasts: number;
  /** Voice shorter than this is a click. */
  readonly minSpeechS: number;
  /** The silence that ends a piece, and the one that is enough for a piece that is long already. */
  readonly minSilenceS: number;
  readonly shortSilenceS: number;
  readonly longS: number;
  /** What is kept on both sides: consonants are quiet. */
  readonly padS: number;
  /** Longer than this no piece becomes. */
  readonly maxS: number;
}

export const defaultSegmenterOptions: SegmenterOptions = {
  begins: 0.5,
  lasts: 0.35,
  minSpeechS: 0.1,
  minSilenceS: 0.6,
  shortSilenceS: 0.2,
  longS: 12,
  padS: 0.2,
  maxS: 25,
};

/**
 * Cuts one channel into pieces at its silences. Memory is that of the longest piece, whatever the length of the
 * recording. Where nobody pauses for `maxS`, the cut is at the quietest place of the second half.
 */
export class Segmenter {
  readonly #options: SegmenterOptions;
  readonly #pad: number;
  readonly #max: number;
  /** Samples from `#base` on; `#end` is the position after the last. */
  readonly #buffer: Float32Array;
  #base = 0;
  #end = 0;
  /** Where the piece under way begins; undefined while nobody speaks. */
  #start: number | undefined;
  /** No piece begins before it: the end of the one before. */
  #floor = 0;
  /** Probabilities of the windows from `#start` on. */
  #probabilities: number[] = [];
  /** Position of the first of them. */
  #first = 0;

  constructor(options: SegmenterOptions = defaultSegmenterOptions) {
    this.#options = options;
    this.#pad = Math.round(options.padS * speechRateHz);
    this.#max = Math.round(options.maxS * speechRateHz);
    this.#buffer = new Float32Array(this.#max + this.#pad + 2 * windowSamples);
  }

  /** @param window of 512 samples; only the last one of a recording may be shorter */
  push(window: Float32Array, probability: number): Piece | undefined {
    const at = this.#end;
    this.#append(window);
    if (this.#start === undefined) {
      if (probability < this.#options.begins) return undefined;
      this.#start = Math.max(this.#floor, at - this.#pad);
      this.#first = at;
    }
    this.#probabilities.push(probability);
    const silence = (this.#end - this.#voiceEnd()) / speechRateHz;
    const isLong = this.#end - this.#start > this.#options.longS * speechRateHz;
    if (silence >= (isLong ? this.#options.shortSilenceS : this.#options.minSilenceS)) return this.#finish();
    return this.#end - this.#start + windowSamples > this.#max ? this.#cut() : undefined;
  }

  /** What is left when the recording ends. */
  flush(): Piece | undefined {
    return this.#start === undefined ? undefined : this.#finish();
  }

  #finish(): Piece | undefined {
    const end = Math.min(this.#end, this.#voiceEnd() + this.#pad, (this.#start ?? 0) + this.#max);
    const piece = this.#piece(end);
    this.#start = undefined;
    this.#probabilities = [];
    return piece;
  }

  #cut(): Piece | undefined {
    const windows = this.#probabilities.length;
    const energies = this.#probabilities.map((_, index) => this.#energy(this.#first + index * windowSamples));
    const index = quietestWindow(energies, Math.floor(windows / 2), windows - 1);
    const cut = this.#first + index * windowSamples;
    const piece = this.#piece(cut);
    const rest = this.#probabilities.slice(index);
    const voiced = rest.findIndex((probability) => probability >= this.#options.lasts);
    this.#probabilities = voiced < 0 ? [] : rest.slice(voiced);
    this.#first = cut + Math.max(0, voiced) * windowSamples;
    this.#start = voiced < 0 ? undefined : Math.max(cut, this.#first - this.#pad);
    return piece;
  }

  #piece(end: number): Piece | undefined {
    const start = this.#start ?? 0;
    const count = Math.ceil((end - this.#first) / windowSamples);
    const voiced = this.#probabilities.slice(0, count).filter((each) => each >= this.#options.lasts).length;
    if (voiced * windowSamples < this.#options.minSpeechS * speechRateHz) return undefined;
    this.#floor = end;
    return { start, end, samples: this.#buffer.slice(start - this.#base, end - this.#base) };
  }

  /** The position after the last window with a voice. */
  #voiceEnd(): number {
    const last = this.#probabilities.findLastIndex((probability) => probability >= this.#options.lasts);
    return Math.min(this.#end, this.#first + (last + 1) * windowSamples);
  }

  #energy(at: number): number {
    let sum = 0;
    const begin = at - this.#base;
    for (let i = begin; i < begin + windowSamples && i < this.#end - this.#base; i++)
      sum += (this.#buffer[i] as number) ** 2;
    return sum;
  }

  #append(window: Float32Array): void {
    const keepFrom = this.#start ?? Math.max(this.#base, this.#end - this.#pad);
    if (this.#end - this.#base + window.length > this.#buffer.length) {
      this.#buffer.copyWithin(0, keepFrom - this.#base, this.#end - this.#base);
      this.#base = keepFrom;
    }
    this.#buffer.set(window, this.#end - this.#base);
    this.#end += window.length;
  }
}
