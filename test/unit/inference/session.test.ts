import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { AttributeProto_AttributeType, AttributeProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import { describe, expect, test } from 'vitest';
import { createPredictor, type Predictor } from '../../../src/lib/inference/session.js';
import {
  castTo,
  type ElementType,
  intAttribute,
  node,
  stringTensor,
  tensorInfo,
} from '../../../src/lib/model/onnx/build.js';
import { openModel } from '../../../src/lib/model/open.js';
import { errorOf } from '../../support/errors.js';
import { type GraphParts, onnxModel } from '../../support/onnx-models.js';
import { tempDir } from '../../support/temp-dir.js';

async function predictorFor(parts: GraphParts): Promise<Predictor> {
  const path = join(await tempDir(), 'model.onnx');
  await writeFile(path, onnxModel(parts));
  return createPredictor(await openModel(path, { baseDir: '/' }));
}

/** Label = index of the largest of two columns, the columns themselves as "probabilities". */
function argMaxModel(input: ElementType, score: 'float32' | 'float64', keepdims = 0): GraphParts {
  return {
    nodes: [
      node('Cast', ['x'], ['scores'], [castTo(score)]),
      node('ArgMax', ['scores'], ['label'], [intAttribute('axis', 1), intAttribute('keepdims', keepdims)]),
    ],
    inputs: [tensorInfo('x', input, ['n', 2])],
    outputs: [tensorInfo('scores', score, ['n', 2]), tensorInfo('label', 'int64', keepdims === 0 ? ['n'] : ['n', 1])],
  };
}

const rows = Float32Array.of(1, 2, 4, 3);

describe('tabular classifiers of different make', () => {
  test.each<[ElementType, 'float32' | 'float64', number]>([
    ['float32', 'float32', 0],
    ['float64', 'float64', 0],
    ['int64', 'float32', 1],
    ['float32', 'float64', 1],
  ])('%s input, %s scores, labels with keepdims %i', async (input, score, keepdims) => {
    const predictor = await predictorFor(argMaxModel(input, score, keepdims));
    expect(predictor).toMatchObject({ features: 2, labelType: 'integer', inputType: input });
    const { labels, probabilities } = await predictor.predict(rows, 2);
    expect(labels).toEqual([1, 0]);
    expect(probabilities).toEqual({ values: rows, classes: 2 });
    await predictor.close();
  });

  test('string labels', async () => {
    const predictor = await predictorFor({
      nodes: [
        node('ArgMax', ['x'], ['index'], [intAttribute('axis', 1), intAttribute('keepdims', 0)]),
        node('Gather', ['classes', 'index'], ['label'], [intAttribute('axis', 0)]),
      ],
      inputs: [tensorInfo('x', 'float32', ['n', 2])],
      outputs: [tensorInfo('label', 'string', ['n'])],
      tensors: [stringTensor('classes', ['no', 'ja, 𝄞'])],
    });
    expect(predictor.labelType).toBe('string');
    expect(await predictor.predict(rows, 2)).toEqual({ labels: ['ja, 𝄞', 'no'] });
    await predictor.close();
  });

  test('integer labels beyond 32 bits and below zero', async () => {
    const predictor = await predictorFor({
      nodes: [node('Cast', ['x'], ['wide'], [castTo('int64')]), node('Squeeze', ['wide'], ['label'])],
      inputs: [tensorInfo('x', 'float32', ['n', 1])],
      outputs: [tensorInfo('label', 'int64', ['n'])],
    });
    const values = [0, -1, 2 ** 31, -(2 ** 31) - 256, 2 ** 52, -(2 ** 40), 2 ** 32, -(2 ** 32)];
    expect((await predictor.predict(Float32Array.from(values), values.length)).labels).toEqual(values);
    await predictor.close();
  });

  test('only as many rows as asked for are used, none is fine too', async () => {
    const predictor = await predictorFor(argMaxModel('float32', 'float32'));
    expect((await predictor.predict(rows, 1)).labels).toEqual([1]);
    expect(await predictor.predict(rows, 0)).toEqual({ labels: [] });
    await expect(predictor.predict(rows, 3)).rejects.toThrow(RangeError);
    await predictor.close();
  });

  test('columns that the model leaves open come from its feature names', async () => {
    const open = { ...argMaxModel('float32', 'float32'), inputs: [tensorInfo('x', 'float32', ['n', 'm'])] };
    const predictor = await predictorFor({ ...open, metadata: { feature_names: '["a","b"]' } });
    expect(predictor.features).toBe(2);
    await predictor.close();
    expect((await errorOf(() => predictorFor(open))).message).toContain('how many columns');
  });
});

describe('what cannot be served says what to do', () => {
  const identity = (input: ReturnType<typeof tensorInfo>, output: ReturnType<typeof tensorInfo>): GraphParts => ({
    nodes: [node('Identity', ['x'], ['y'])],
    inputs: [input],
    outputs: [output],
  });

  test.each<[string, GraphParts, string]>([
    [
      'regression',
      identity(tensorInfo('x', 'float32', ['n', 2]), tensorInfo('y', 'float32', ['n', 2])),
      'no label output',
    ],
    ['text', identity(tensorInfo('x', 'string', ['n', 2]), tensorInfo('y', 'string', ['n', 2])), 'rows of numbers'],
    [
      'images',
      identity(tensorInfo('x', 'float32', ['n', 3, 8, 8]), tensorInfo('y', 'float32', ['n', 3, 8, 8])),
      'rows of numbers',
    ],
    ['a fixed batch', identity(tensorInfo('x', 'int64', [1, 2]), tensorInfo('y', 'int64', [1, 2])), 'exactly 1 row'],
    [
      'two inputs',
      {
        nodes: [node('Add', ['a', 'b'], ['y'])],
        inputs: [tensorInfo('a', 'int64', ['n', 1]), tensorInfo('b', 'int64', ['n', 1])],
        outputs: [tensorInfo('y', 'int64', ['n', 1])],
      },
      'rows of numbers',
    ],
  ])('%s', async (_, parts, what) => {
    const error = await errorOf(() => predictorFor(parts));
    expect(error).toMatchObject({ code: 'UNSUPPORTED_MODEL', exitCode: 2 });
    expect(error.message).toContain(what);
    expect(error.actions.length).toBeGreaterThan(1);
  });

  test('probabilities in a ZipMap', async () => {
    const zipped = create(ValueInfoProtoSchema, {
      name: 'zip',
      type: {
        value: {
          case: 'sequenceType',
          value: {
            elemType: {
              value: {
                case: 'mapType',
                value: { keyType: 7, valueType: { value: { case: 'tensorType', value: { elemType: 1, shape: {} } } } },
              },
            },
          },
        },
      },
    });
    const labels = create(AttributeProtoSchema, {
      name: 'classlabels_int64s',
      type: AttributeProto_AttributeType.INTS,
      ints: [0n, 1n],
    });
    const zipMap = node('ZipMap', ['scores'], ['zip'], [labels]);
    zipMap.domain = 'ai.onnx.ml';
    const base = argMaxModel('float32', 'float32');
    const parts = { ...base, nodes: [...base.nodes, zipMap], mlOpset: 3 };
    const error = await errorOf(() => predictorFor({ ...parts, outputs: [...base.outputs, zipped] }));
    expect(error.message).toContain("'zip' is not a tensor");
    expect(error.actions.join()).toContain("'zipmap': False");
  });

  test('a model that ONNX Runtime refuses', async () => {
    const parts: GraphParts = {
      nodes: [node('NoSuchOperator', ['x'], ['label'])],
      inputs: [tensorInfo('x', 'float32', ['n', 2])],
      outputs: [tensorInfo('label', 'int64', ['n'])],
    };
    const error = await errorOf(() => predictorFor(parts));
    expect(error).toMatchObject({ code: 'MODEL_LOAD_FAILED', exitCode: 1 });
    expect(error.why).toContain('NoSuchOperator');
  });
});

describe('errors at work', () => {
  test('a fraction for a model of integers', async () => {
    const predictor = await predictorFor(argMaxModel('int64', 'float32'));
    const error = await errorOf(() => predictor.predict(Float32Array.of(1, 0.5), 1));
    expect(error).toMatchObject({ code: 'NOT_AN_INTEGER', exitCode: 2 });
    await predictor.close();
  });

  test('a model that returns labels for another number of rows', async () => {
    const squeezed = node('ReduceMax', ['x'], ['most'], [intAttribute('keepdims', 0)]);
    const predictor = await predictorFor({
      nodes: [squeezed, node('Cast', ['most'], ['label'], [castTo('int64')])],
      inputs: [tensorInfo('x', 'float32', ['n', 2])],
      outputs: [tensorInfo('label', 'int64', [])],
    });
    expect((await errorOf(() => predictor.predict(rows, 2))).code).toBe('MODEL_OUTPUT_MISMATCH');
    await predictor.close();
  });

  test('what ONNX Runtime finds wrong while running', async () => {
    const parts: GraphParts = {
      nodes: [
        node('Cast', ['x'], ['index'], [castTo('int64')]),
        node('Gather', ['classes', 'index'], ['label'], [intAttribute('axis', 0)]),
      ],
      inputs: [tensorInfo('x', 'float32', ['n', 1])],
      outputs: [tensorInfo('label', 'string', ['n', 1])],
      tensors: [stringTensor('classes', ['a'])],
    };
    const predictor = await predictorFor(parts);
    expect((await predictor.predict(Float32Array.of(0), 1)).labels).toEqual(['a']);
    const error = await errorOf(() => predictor.predict(Float32Array.of(9), 1));
    expect(error).toMatchObject({ code: 'INFERENCE_FAILED', exitCode: 1 });
    await predictor.close();
  });

  test('close waits for what is running and refuses what comes later', async () => {
    const predictor = await predictorFor(argMaxModel('float32', 'float32'));
    const running = [predictor.predict(rows, 2), predictor.predict(rows, 1)];
    const closed = Promise.all([predictor.close(), predictor.close()]);
    expect((await Promise.all(running)).map(({ labels }) => labels)).toEqual([[1, 0], [1]]);
    await closed;
    expect((await errorOf(() => predictor.predict(rows, 1))).code).toBe('PREDICTOR_CLOSED');
  });
});
