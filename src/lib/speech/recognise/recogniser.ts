import type { Graph, Tensor } from '../../inference/graph.js';
import { speechRateHz, type TranscriptionWarning } from '../types.js';
import { pickToken } from './choose.js';
import { cacheTensors } from './decoder-names.js';
import { loopStart } from './repetition.js';
import { textOf } from './tokenizer.js';

const beginToken = 1;
const endToken = 2;
/** Speech has about four; the model's authors stop it at six. */
const tokensPerSecond = 6;
/** The convolutions of the encoder give nothing for less. */
const minSamples = 0.25 * speechRateHz;

/** What was understood of one piece. */
export interface Recognition {
  readonly text: string;
  /** Mean natural logarithm of the probabilities of the tokens, the end included: 0 is certain. */
  readonly logProbability: number;
  /** Why decoding was ended before the model ended it. */
  readonly cut?: TranscriptionWarning['kind'];
}

/** A speech model that has been loaded. One piece at a time. */
export interface Recogniser {
  /**
   * @param samples at 16 kHz, within -1..1
   * @throws the signal's reason when it aborts: looked at before every token
   */
  recognise(samples: Float32Array, signal?: AbortSignal): Promise<Recognition>;
  close(): Promise<void>;
}

/**
 * Encoder and merged decoder as exported by Optimum: greedy decoding with a key-value cache. Of the cache, the part of the
 * encoder is kept from the first step (later steps return an empty one).
 * Throws OperationError `MODEL_NOT_SPEECH` when the graphs are none of these.
 */
export function createRecogniser(encoder: Graph, decoder: Graph): Recogniser {
  const cache = cacheTensors(decoder.inputs, decoder.outputs);
  const firstFetches = ['logits', ...cache.map(({ present }) => present)];
  const growing = cache.filter(({ of }) => of === 'decoder');
  const nextFetches = ['logits', ...growing.map(({ present }) => present)];
  const useCache = decoder.tensor('bool', Uint8Array.of(1), [1]);
  const noCache = decoder.tensor('bool', Uint8Array.of(0), [1]);
  const empty = new Map(
    cache.map(({ past, heads, headSize }) => [
      past,
      decoder.tensor('float32', new Float32Array(0), [0, heads, 1, headSize]),
    ]),
  );
  const id = BigInt64Array.of(0n);
  const into = reused(decoder);

  async function recognise(samples: Float32Array, signal?: AbortSignal): Promise<Recognition> {
    signal?.throwIfAborted();
    const audio = atLeast(samples, minSamples);
    const encoded = await encoder.run({ input_values: encoder.tensor('float32', audio, [1, audio.length]) }, [
      'last_hidden_state',
    ]);
    const feeds: Record<string, Tensor> = {
      ...Object.fromEntries(empty),
      encoder_hidden_states: encoded.last_hidden_state as Tensor,
      input_ids: decoder.tensor('int64', id, [1, 1]),
      use_cache_branch: noCache,
    };
    const limit = Math.floor((samples.length / speechRateHz) * tokensPerSecond);
    const tokens: number[] = [];
    let sum = 0;
    for (let token = beginToken; ; ) {
      signal?.throwIfAborted();
      id[0] = BigInt(token);
      const isFirst = tokens.length === 0;
      const results = await decoder.run(feeds, isFirst ? firstFetches : nextFetches, into);
      const choice = pickToken((results.logits as Tensor).data as Float32Array);
      sum += choice.logProbability;
      const logProbability = sum / (tokens.length + 1);
      token = choice.token;
      if (token === endToken) return { text: textOf(tokens), logProbability };
      if (tokens.length === limit) return { text: textOf(tokens), logProbability, cut: 'runaway' };
      tokens.push(token);
      const kept = loopStart(tokens);
      if (kept !== undefined) return { text: textOf(tokens.slice(0, kept)), logProbability, cut: 'repetition' };
      for (const { past, present } of isFirst ? cache : growing) feeds[past] = results[present] as Tensor;
      feeds.use_cache_branch = useCache;
    }
  }

  return {
    recognise,
    async close() {
      await encoder.close();
      await decoder.close();
    },
  };
}

/** 128 kB of probabilities for every token of a text would be left to the garbage collector. */
function reused(decoder: Graph): Readonly<Record<string, Tensor>> {
  const vocabulary = decoder.outputs.find(({ name }) => name === 'logits')?.shape.at(-1) ?? -1;
  if (vocabulary < 1) return {};
  return { logits: decoder.tensor('float32', new Float32Array(vocabulary), [1, 1, vocabulary]) };
}

function atLeast(samples: Float32Array, length: number): Float32Array {
  if (samples.length >= length) return samples;
  const padded = new Float32Array(length);
  padded.set(samples);
  return padded;
}
