import { OperationError } from '../../base/errors/mlops-error.js';
import type { GraphValue } from '../../inference/graph.js';

/** One tensor that the decoder hands from step to step. */
export interface CacheTensor {
  /** As an input: `past_key_values.0.decoder.key`. */
  readonly past: string;
  /** As an output: `present.0.decoder.key`. */
  readonly present: string;
  /** `encoder` is what the decoder sees of the audio: made in the first step and the same ever after. */
  readonly of: 'decoder' | 'encoder';
  readonly heads: number;
  readonly headSize: number;
}

const prefix = 'past_key_values.';

/**
 * The cache of a merged decoder, in whatever number of layers, heads and sizes its graph has.
 * Throws OperationError `MODEL_NOT_SPEECH` for a graph that is no such decoder.
 */
export function cacheTensors(inputs: readonly GraphValue[], outputs: readonly GraphValue[]): readonly CacheTensor[] {
  const given = new Set(outputs.map(({ name }) => name));
  const tensors = inputs
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, shape }): CacheTensor => {
      const present = `present.${name.slice(prefix.length)}`;
      const of = name.includes('.encoder.') ? 'encoder' : 'decoder';
      const [, heads = -1, , headSize = -1] = shape;
      if (heads < 1 || headSize < 1) throw notADecoder(`Its input ${name} has no fixed number of heads and size.`);
      if (!given.has(present)) throw notADecoder(`It has no output ${present}.`);
      return { past: name, present, of, heads, headSize };
    });
  for (const name of ['input_ids', 'encoder_hidden_states', 'use_cache_branch']) {
    if (!inputs.some((input) => input.name === name)) throw notADecoder(`It has no input ${name}.`);
  }
  if (tensors.length === 0) throw notADecoder(`It has no inputs ${prefix}*.`);
  return tensors;
}

function notADecoder(why: string): OperationError {
  return new OperationError('The model is not a speech decoder with a cache', { code: 'MODEL_NOT_SPEECH', why });
}
