import { create } from '@bufbuild/protobuf';
import { TensorProto_DataType, ValueInfoProtoSchema } from 'onnx-buf';
import { castTo, intAttribute, node, numericTensor, tensorInfo } from '../../../src/lib/model/onnx/build.js';
import { onnxModel } from '../onnx-models.js';

export interface SyntheticSpeech {
  /** What the decoder says step by step, whatever it hears. */
  readonly tokens: readonly number[];
  readonly layers: number;
  readonly heads: number;
  readonly headSize: number;
}

const vocabulary = 32_768;

/**
 * Encoder and merged decoder with the inputs and outputs of a real model, in any number of layers, heads and sizes. The
 * decoder finds its place by the length of the cache that it is given, and loses it unless the encoder's part of the cache
 * is that of the first step.
 */
export function syntheticSpeech({ tokens, layers, heads, headSize }: SyntheticSpeech): {
  encoder: Uint8Array;
  decoder: Uint8Array;
} {
  return { encoder: encoder(), decoder: decoder(tokens, layers, heads, headSize) };
}

/** One state of four numbers per 16 samples. */
function encoder(): Uint8Array {
  return onnxModel({
    nodes: [node('Reshape', ['input_values', 'shape'], ['last_hidden_state'])],
    inputs: [tensorInfo('input_values', 'float32', [1, 'samples'])],
    outputs: [tensorInfo('last_hidden_state', 'float32', [1, 'states', 4])],
    tensors: [int64('shape', [3], [1, -1, 4])],
  });
}

function decoder(tokens: readonly number[], layers: number, heads: number, size: number): Uint8Array {
  const names = Array.from({ length: layers }, (_, layer) => layer).flatMap((layer) =>
    ['decoder', 'encoder'].flatMap((of) => ['key', 'value'].map((what) => `${layer}.${of}.${what}`)),
  );
  const first = 'past_key_values.0';
  return onnxModel({
    nodes: [
      // Batch is 0 before the first step, so batch x length is the number of tokens in the cache.
      node('Shape', [`${first}.decoder.key`], ['pastShape']),
      node('Gather', ['pastShape', 'zero'], ['batch']),
      node('Gather', ['pastShape', 'two'], ['length']),
      node('Mul', ['batch', 'length'], ['cached']),
      node('Shape', [`${first}.encoder.value`], ['encoderShape']),
      node('Gather', ['encoderShape', 'zero'], ['encoded']),
      node('Cast', ['use_cache_branch'], ['useCache'], [castTo('int64')]),
      node('Sub', ['one', 'useCache'], ['isFirst']),
      // In later steps an encoder cache that is empty leads back to the start.
      node('Equal', ['encoded', 'one'], ['isKept']),
      node('Cast', ['isKept'], ['kept'], [castTo('int64')]),
      node('Add', ['isFirst', 'kept'], ['known']),
      node('Min', ['known', 'one'], ['right']),
      node('Mul', ['cached', 'right'], ['step']),
      node('Gather', ['tokens', 'step'], ['token']),
      node('Reshape', ['token', 'flat'], ['tokenRow']),
      node('OneHot', ['tokenRow', 'depth', 'onOff'], ['hot']),
      node('Cast', ['hot'], ['logitsFlat'], [castTo('float32')]),
      node('Reshape', ['logitsFlat', 'logitsShape'], ['logits']),
      node('Add', ['cached', 'one'], ['grown']),
      node('Concat', ['oneHeads', 'grown', 'sizes'], ['decoderPresent'], [intAttribute('axis', 0)]),
      // The real graph gives an encoder cache of batch 0 when it was given one.
      node('Concat', ['isFirst', 'threeHeads', 'sizes'], ['encoderPresent'], [intAttribute('axis', 0)]),
      ...names.map((name) =>
        node(
          'ConstantOfShape',
          [name.includes('.encoder.') ? 'encoderPresent' : 'decoderPresent'],
          [`present.${name}`],
        ),
      ),
    ],
    inputs: [
      tensorInfo('input_ids', 'int64', [1, 1]),
      tensorInfo('encoder_hidden_states', 'float32', [1, 'states', 4]),
      ...names.map((name) => tensorInfo(`past_key_values.${name}`, 'float32', ['batch', heads, 'length', size])),
      boolInfo('use_cache_branch'),
    ],
    outputs: [
      tensorInfo('logits', 'float32', [1, 1, vocabulary]),
      ...names.map((name) => tensorInfo(`present.${name}`, 'float32', ['b', heads, 'l', size])),
    ],
    tensors: [
      int64('zero', [1], [0]),
      int64('one', [1], [1]),
      int64('two', [1], [2]),
      int64('flat', [1], [1]),
      int64('depth', [1], [vocabulary]),
      int64('onOff', [2], [0, 20]),
      int64('logitsShape', [3], [1, 1, vocabulary]),
      int64('oneHeads', [2], [1, heads]),
      int64('threeHeads', [2], [heads, 3]),
      int64('sizes', [1], [size]),
      int64('tokens', [tokens.length], tokens),
    ],
  });
}

function int64(name: string, dims: readonly number[], values: readonly number[]) {
  return numericTensor(name, dims, BigInt64Array.from(values, BigInt));
}

function boolInfo(name: string) {
  const elemType = TensorProto_DataType.BOOL;
  const shape = { dim: [{ value: { case: 'dimValue' as const, value: 1n } }] };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: { elemType, shape } } } });
}
