import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create, fromBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { describe, expect, test } from 'vitest';
import { openGraph, type Tensor } from '../../../../src/lib/inference/graph.js';
import { intAttribute, node, tensorInfo } from '../../../../src/lib/model/onnx/build.js';
import { withInt8Projection } from '../../../../src/lib/speech/recognise/int8-projection.js';
import { onnxModel } from '../../../support/onnx-models.js';
import { seeded } from '../../../support/random.js';
import { tempDir } from '../../../support/temp-dir.js';

const [states, vocabulary, scale, zero] = [16, 40, 0.02, 120];
const table = Uint8Array.from({ length: states * vocabulary }, (_, i) => (i * 37) % 256);
const random = seeded(1);
const input = Float32Array.from({ length: states }, () => random() - 0.5);

/** A merged decoder that has nothing but its last product, in both branches: the second one doubles its input. */
function mergedDecoder(dequantise: NodeProto): Uint8Array {
  const transpose = node('Transpose', ['embeddings'], ['bytes']);
  const product = [transpose, dequantise, node('MatMul', ['hidden', 'table'], ['logits'])];
  const doubled = [node('Add', ['x', 'x'], ['hidden']), ...product];
  const plain = [node('Identity', ['x'], ['hidden']), ...product];
  return onnxModel({
    nodes: [
      node('If', ['use_cache_branch'], ['logits'], [branch('then_branch', doubled), branch('else_branch', plain)]),
    ],
    inputs: [tensorInfo('x', 'float32', [1, states]), flag('use_cache_branch')],
    outputs: [tensorInfo('logits', 'float32', [1, vocabulary])],
    tensors: [
      create(TensorProtoSchema, {
        name: 'embeddings',
        dims: [BigInt(vocabulary), BigInt(states)],
        dataType: TensorProto_DataType.UINT8,
        rawData: table,
      }),
      create(TensorProtoSchema, { name: 'scale', dataType: TensorProto_DataType.FLOAT, floatData: [scale] }),
      create(TensorProtoSchema, { name: 'zero', dataType: TensorProto_DataType.UINT8, int32Data: [zero] }),
    ],
  });
}

function branch(name: string, nodes: NodeProto[]) {
  const output = [tensorInfo('logits', 'float32', [1, vocabulary])];
  const g = create(GraphProtoSchema, { name, node: nodes, output });
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g });
}

function flag(name: string) {
  const shape = { dim: [{ value: { case: 'dimValue' as const, value: 1n } }] };
  const value = { elemType: TensorProto_DataType.BOOL, shape };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value } } });
}

const dequantise = node('DequantizeLinear', ['bytes', 'scale', 'zero'], ['table']);

/** By hand: the input, and twice the input, times the table in floats. */
const expected = [1, 2].map((factor) =>
  Array.from({ length: vocabulary }, (_, token) =>
    input.reduce((sum, x, state) => sum + factor * x * scale * ((table[token * states + state] ?? 0) - zero), 0),
  ),
);

describe('the last product of a decoder on the bytes of its weights', () => {
  test('gives what the floats gave, in the first step and in the others', async () => {
    const path = join(await tempDir(), 'decoder.onnx');
    await writeFile(path, mergedDecoder(dequantise));
    const graph = await openGraph(path, withInt8Projection);
    const x = graph.tensor('float32', input, [1, states]);
    for (const [step, row] of expected.entries()) {
      const use = graph.tensor('bool', Uint8Array.of(step), [1]);
      const given = await graph.run({ x, use_cache_branch: use }, ['logits']);
      const logits = (given.logits as Tensor).data as Float32Array;
      const range = Math.max(...row) - Math.min(...row);
      expect(logits).toHaveLength(vocabulary);
      for (const [token, logit] of logits.entries()) {
        expect(Math.abs((row[token] ?? Number.NaN) - logit)).toBeLessThan(0.02 * range);
      }
    }
    await graph.close();
  });

  test('only that is changed, and the import of its operators is there once', () => {
    const once = fromBinary(ModelProtoSchema, withInt8Projection(mergedDecoder(dequantise)));
    const nodes = once.graph?.node[0]?.attribute.map(({ g }) => g?.node.map(({ opType }) => opType));
    expect(nodes).toEqual([
      ['Add', 'Transpose', 'DynamicQuantizeMatMul'],
      ['Identity', 'Transpose', 'DynamicQuantizeMatMul'],
    ]);
    expect(once.opsetImport.map(({ domain }) => domain)).toEqual(['', 'com.microsoft']);
    expect(once.graph?.initializer.map(({ name }) => name)).toEqual(['embeddings', 'scale', 'zero']);
  });

  test('what is of another make is left as it is', () => {
    const perColumn = mergedDecoder(
      node('DequantizeLinear', ['bytes', 'scale', 'zero'], ['table'], [intAttribute('axis', 1)]),
    );
    expect(withInt8Projection(perColumn)).toBe(perColumn);
    const float = mergedDecoder(node('Cast', ['bytes'], ['table'], [intAttribute('to', 1)]));
    expect(withInt8Projection(float)).toBe(float);
    const changed = withInt8Projection(mergedDecoder(dequantise));
    expect(withInt8Projection(changed)).toBe(changed);
  });

  test('what is no model is an error of loading it', async () => {
    const path = join(await tempDir(), 'decoder.onnx');
    await writeFile(path, 'no model');
    await expect(openGraph(path, withInt8Projection)).rejects.toMatchObject({ code: 'MODEL_LOAD_FAILED' });
  });
});
