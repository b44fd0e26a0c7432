import type { Graph } from '../../inference/graph.js';
import { speechRateHz } from '../types.js';

/** The detector hears 32 ms at a time. */
export const windowSamples = 512;
/** It wants the end of the last window before the new one; without it it works, and hears less. */
const contextSamples = 64;
const stateShape = [2, 1, 128] as const;

/** Silero VAD 5 and 6 on one channel of audio (https://github.com/snakers4/silero-vad): has a memory of what it heard. */
export interface VoiceDetector {
  /** Probability that the next 512 samples are speech. Call one at a time, in order. */
  probability(window: Float32Array): Promise<number>;
}

/** A detector for one more channel; the graph may be shared between several. */
export function createVoiceDetector(graph: Graph): VoiceDetector {
  const heard = new Float32Array(contextSamples + windowSamples);
  const input = graph.tensor('float32', heard, [1, heard.length]);
  const rate = graph.tensor('int64', BigInt64Array.of(BigInt(speechRateHz)), []);
  const [a, b, c] = stateShape;
  let state = graph.tensor('float32', new Float32Array(a * b * c), stateShape);
  return {
    async probability(window) {
      heard.copyWithin(0, windowSamples);
      heard.set(window, contextSamples);
      const { output, stateN } = await graph.run({ input, state, sr: rate }, ['output', 'stateN']);
      if (output === undefined || stateN === undefined) throw new Error('the voice detector gave no output');
      state = stateN;
      return (output.data as Float32Array)[0] as number;
    },
  };
}
