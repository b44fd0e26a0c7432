import type { AudioFormat } from '../types.js';
import type { FileBytes } from './file-bytes.js';

/** One array per channel, all of the same length. */
export type Planar = readonly Float32Array[];

/** A recording whose header has been read. */
export interface Recording {
  readonly format: AudioFormat;
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Of the samples that `decode` gives. */
  readonly decodedRateHz: number;
  readonly claimedS: number | undefined;
  /** Samples in blocks of bounded size. Frees what it holds when it is left early. */
  decode(bytes: FileBytes, signal?: AbortSignal): AsyncGenerator<Planar>;
}
