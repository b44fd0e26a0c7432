import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { TypeProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';
import { describe, expect, test } from 'vitest';
import { catalogPath } from '../../../../src/lib/model/catalog.js';
import { node, numericTensor, tensorInfo } from '../../../../src/lib/model/onnx/build.js';
import { tensorSpec } from '../../../../src/lib/model/onnx/datatypes.js';
import { readOnnx } from '../../../../src/lib/model/onnx/read.js';
import { errorOf } from '../../../support/errors.js';
import { onnxModel } from '../../../support/onnx-models.js';
import { pickleFixture } from '../../../support/pickles.js';
import { tempDir } from '../../../support/temp-dir.js';

async function file(content: Uint8Array | string, name = 'model.onnx'): Promise<string> {
  const path = join(await tempDir(), name);
  await writeFile(path, content);
  return path;
}

const bundled = readFileSync(catalogPath('flight-delay') as string);

describe('readOnnx', () => {
  test('the signature of the bundled model', async () => {
    const onnx = await readOnnx(await file(bundled));
    expect(onnx).toMatchObject({
      sizeBytes: bundled.length,
      sha256: createHash('sha256').update(bundled).digest('hex'),
      irVersion: 8,
      producer: 'mlops 1',
      inputs: [{ name: 'input', type: 'FP32', shape: [-1, 37] }],
      outputs: [
        { name: 'label', type: 'INT64', shape: [-1] },
        { name: 'probabilities', type: 'FP32', shape: [-1, 2] },
      ],
    });
    expect({ ...onnx.opsets }).toEqual({ 'ai.onnx': 15 });
    expect({ ...onnx.operators }).toEqual({ Cast: 2, Gemm: 1, ArgMax: 1, Sigmoid: 1 });
    expect(JSON.parse(onnx.metadata.feature_names ?? '')).toHaveLength(37);
  });

  test('initializers are no inputs; every kind of type has a text, only tensors have a spec', async () => {
    const sequence = create(TypeProtoSchema, {
      value: {
        case: 'sequenceType',
        value: {
          elemType: {
            value: {
              case: 'mapType',
              value: { keyType: 7, valueType: { value: { case: 'tensorType', value: { elemType: 1 } } } },
            },
          },
        },
      },
    });
    const path = await file(
      onnxModel({
        nodes: [node('Add', ['x', 'w'], ['y'])],
        inputs: [tensorInfo('x', 'float64', ['n', 2]), tensorInfo('w', 'float64', [2])],
        outputs: [
          tensorInfo('y', 'string', ['n', 2]),
          create(ValueInfoProtoSchema, { name: 'zip', type: sequence }),
          create(ValueInfoProtoSchema, { name: 'untyped' }),
          create(ValueInfoProtoSchema, {
            name: 'half',
            type: { value: { case: 'tensorType', value: { elemType: 16 } } },
          }),
        ],
        tensors: [numericTensor('w', [2], Float64Array.of(1, 2))],
        metadata: { __proto__x: 'a' },
      }),
    );
    const { inputs, outputs, metadata } = await readOnnx(path);
    expect(inputs).toEqual([{ name: 'x', type: 'FP64', shape: [-1, 2] }]);
    expect(outputs.map(({ type }) => type)).toEqual(['BYTES', 'sequence(map(INT64, FP32))', 'unknown', 'BFLOAT16']);
    expect(outputs.map(tensorSpec).map((spec) => spec?.datatype)).toEqual(['BYTES', undefined, undefined, undefined]);
    expect(metadata.__proto__x).toBe('a');
  });
});

describe('what is no ONNX file says what it is', () => {
  const zip = Buffer.from('PK\x03\x04rest', 'latin1');
  const header = '{"w":{"dtype":"F32"}}';
  const safetensors = Buffer.concat([Buffer.from([header.length, 0, 0, 0, 0, 0, 0, 0]), Buffer.from(header)]);
  test.each<[string, Uint8Array | string, string, string]>([
    ['a pickle', pickleFixture('sk1.9.1-binary-p4.pkl'), 'a Python pickle', 'mlops model import'],
    ['a pickle of protocol 0', pickleFixture('sk1.9.1-binary-p0.pkl'), 'a Python pickle', 'mlops model import'],
    ['a pickle of protocol 1', pickleFixture('sk1.9.1-binary-p1.pkl'), 'a Python pickle', 'mlops model import'],
    ['compressed joblib', pickleFixture('sk1.9.1-frame.zlib.joblib'), 'joblib.dump', 'mlops model import'],
    ['gzip', pickleFixture('sk1.9.1-frame.gzip.joblib'), 'gzip', 'mlops model import'],
    ['zip', zip, 'zip archive', 'torch.onnx.export'],
    ['safetensors', safetensors, 'safetensors', 'torch.onnx.export'],
    ['Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\n', 'git lfs pull', ''],
    ['HTML', '<!DOCTYPE html><p>404', 'HTML', ''],
    ['JSON', '{"a": 1}', 'JSON', ''],
    ['text', 'hello', 'no ONNX file', ''],
    ['zeros', new Uint8Array(100), 'no ONNX file', ''],
    ['a message without a graph', Uint8Array.of(0x08, 0x08), 'no complete graph', ''],
  ])('%s', async (_, content, why, action) => {
    const error = await errorOf(async () => readOnnx(await file(content)));
    expect(error).toMatchObject({ code: 'NOT_ONNX', exitCode: 2 });
    expect(error.why).toContain(why);
    expect(error.actions.join('\n')).toContain(action);
  });

  test('a model cut off anywhere, but for metadata at the very end', async () => {
    const path = await file(bundled);
    const whole = await readOnnx(path);
    for (let length = 1; length < bundled.length; length += 7) {
      await writeFile(path, bundled.subarray(0, length));
      const outcome = await readOnnx(path).catch((error: Error) => error);
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'NOT_ONNX' });
      else expect(outcome.operators).toEqual(whole.operators);
    }
  });

  test('no file, a folder, an empty file', async () => {
    const dir = await tempDir();
    await mkdir(join(dir, 'folder'));
    expect((await errorOf(() => readOnnx(join(dir, 'none.onnx')))).code).toBe('FILE_NOT_FOUND');
    expect((await errorOf(() => readOnnx(join(dir, 'folder')))).code).toBe('NOT_A_FILE');
    expect((await errorOf(async () => readOnnx(await file('')))).code).toBe('FILE_EMPTY');
  });
});
