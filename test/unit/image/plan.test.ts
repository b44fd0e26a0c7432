import { readFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { describe, expect, test } from 'vitest';
import { predictorOf } from '../../../src/lib/image/context/image-model.js';
import type { ImagePlan } from '../../../src/lib/image/context/plan.js';
import { type ServingPlanOptions, servingPlan } from '../../../src/lib/image/context/serving-plan.js';
import { packagedFiles } from '../../../src/lib/image/create-deps.js';
import { platformOf } from '../../../src/lib/image/platform.js';
import { catalogPath } from '../../../src/lib/model/catalog.js';
import { inspectModel } from '../../../src/lib/model/open.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

const bundled = catalogPath('flight-delay') as string;

async function plan(given: Partial<ServingPlanOptions> & { yaml?: string; path?: string } = {}): Promise<ImagePlan> {
  const { yaml = 'name: flights', path = bundled, ...rest } = given;
  return await servingPlan({
    config: parseProject(yaml),
    model: await predictorOf(await inspectModel(path, { baseDir: '/' })),
    platform: platformOf('linux/amd64'),
    base: 'node:24-bookworm-slim',
    facts: { mlopsVersion: '1.2.3', revision: undefined },
    packaged: packagedFiles,
    configSource: 'mlops.yaml',
    ...rest,
  });
}

function pathsOf({ layers }: ImagePlan, layer: string): string[] {
  return (layers.find(({ name }) => name === layer)?.files ?? []).map(({ path }) => path);
}

function configurationOf({ layers }: ImagePlan): { text: string; json: Record<string, unknown> } {
  const from = layers.find(({ name }) => name === 'configuration')?.files[0]?.from;
  const text = from !== undefined && 'text' in from ? from.text : '';
  return { text, json: JSON.parse(text) as Record<string, unknown> };
}

describe('the layers of the serving image', () => {
  test('are what the Dockerfile adds, in its order, with nothing that needs a network', async () => {
    const made = await plan();
    const dockerfile = readFileSync(made.dockerfile, 'utf8');
    const added = [...dockerfile.matchAll(/^ADD (\S+)\.tar \/$/gm)].map(([, name]) => name);
    expect(added).toEqual(made.layers.map(({ name }) => name));
    expect(added.at(-1)).toBe('model');
    expect(dockerfile).not.toMatch(/^(RUN|COPY|# syntax)/m);
    expect(dockerfile).toMatch(/^USER 1000:1000$/m);
    expect(dockerfile).toMatch(/^CMD \["node", "\/app\/server.mjs"\]$/m);
    expect(pathsOf(made, 'server')).toEqual(
      expect.arrayContaining(['/app/server.mjs', '/app/worker.mjs', '/app/health-check.mjs']),
    );
  });

  test.each([
    ['linux/amd64', 'x64', 'arm64'],
    ['linux/arm64', 'arm64', 'x64'],
  ])('for %s have the library of that platform alone', async (name, wanted, other) => {
    const paths = pathsOf(await plan({ platform: platformOf(name) }), 'runtime');
    const native = '/app/node_modules/onnxruntime-node/bin/napi-v6/linux';
    expect(paths).toContain(`${native}/${wanted}/libonnxruntime.so.1`);
    expect(paths).toContain(`${native}/${wanted}/onnxruntime_binding.node`);
    expect(paths.filter((path) => path.includes('/bin/'))).toHaveLength(2);
    expect(paths.join()).not.toContain(`/${other}/`);
    expect(paths.join()).not.toMatch(/\.map|\.d\.ts|script/);
  });

  test('the configuration has what the server needs, resolved, and nothing of the rest', async () => {
    const yaml = [
      'name: flights',
      'serve: { port: 9000, workers: 2, limits: { timeout: 5s } }',
      'aws: { region: eu-west-1, profile: secret-profile }',
      'infrastructure: { variables: { admin: "not for an image" } }',
      'alarms: { subscribe: [me@example.com] }',
    ].join('\n');
    const made = await plan({ yaml });
    const { text, json } = configurationOf(made);
    expect(Object.keys(json)).toEqual(['format', 'name', 'model', 'serve', 'slos']);
    expect(json).toMatchObject({
      format: 1,
      name: 'flights',
      model: { name: 'flight-delay', version: '1', file: 'model/flight-delay.onnx' },
      serve: { port: 9000, workers: 2, limits: { bodyBytes: 2 ** 20, queueRows: 4096, timeoutMs: 5000 } },
    });
    expect(text).not.toMatch(/secret-profile|not for an image|example\.com/);
    expect(made.buildArgs).toEqual({ BASE: 'node:24-bookworm-slim', PORT: '9000', METRICS_PORT: '9090' });
  });

  test('the ports of the image are 8080 and 9090 where the configuration asks for any free one', async () => {
    const ports = async (yaml: string) => {
      const { PORT, METRICS_PORT } = (await plan({ yaml })).buildArgs;
      return [PORT, METRICS_PORT];
    };
    expect(await ports('serve: { port: 0, metricsPort: 0 }')).toEqual(['8080', '9090']);
    expect(await ports('serve: { port: 9090, metricsPort: 9091 }')).toEqual(['9090', '9091']);
    expect(await errorOf(() => ports('serve: { port: 9090 }'))).toMatchObject({ code: 'PORTS_EQUAL', exitCode: 2 });
  });
});

describe('the model layer', () => {
  test('has the model under the name it is served by, with its card', async () => {
    expect(pathsOf(await plan(), 'model')).toEqual(['/app/model/flight-delay.onnx', '/app/model/flight-delay.json']);
    const other = join(await tempDir(), 'my model.onnx');
    await copyFile(bundled, other);
    expect(pathsOf(await plan({ path: other }), 'model')).toEqual(['/app/model/my-model.onnx']);
  });

  /** The bundled model with one of its weights in a file beside it. */
  async function withExternalWeights(location: string): Promise<string> {
    const { fromBinary } = await import('@bufbuild/protobuf');
    const model = fromBinary(ModelProtoSchema, readFileSync(bundled));
    const [tensor] = model.graph?.initializer ?? [];
    if (tensor === undefined) throw new Error('no initializer');
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    tensor.externalData = [{ $typeName: 'onnx.StringStringEntryProto', key: 'location', value: location } as never];
    const path = join(await tempDir(), 'large.onnx');
    await writeFile(path, toBinary(ModelProtoSchema, create(ModelProtoSchema, model)));
    return path;
  }

  test('has the files that keep weights of the model', async () => {
    const path = await withExternalWeights('weights/large.bin');
    expect(await errorOf(() => plan({ path }))).toMatchObject({ code: 'MODEL_FILE_MISSING', exitCode: 2 });
    await mkdir(join(path, '..', 'weights'));
    await writeFile(join(path, '..', 'weights', 'large.bin'), 'numbers');
    expect(pathsOf(await plan({ path }), 'model')).toEqual(['/app/model/large.onnx', '/app/model/weights/large.bin']);
  });

  test.each(['../../etc/passwd', '/etc/passwd', 'a/../../b', 'C:\\secrets'])(
    'takes no file from %s',
    async (location) => {
      const path = await withExternalWeights(location);
      expect(await errorOf(() => plan({ path }))).toMatchObject({ code: 'MODEL_FILE_OUTSIDE', exitCode: 2 });
    },
  );
});

test('labels say what is in the image, by the OCI names and by ours', async () => {
  const { labels } = await plan({ facts: { mlopsVersion: '1.2.3', revision: 'ab'.repeat(20) } });
  expect(labels).toMatchObject({
    'org.opencontainers.image.title': 'flights',
    'org.opencontainers.image.version': '1',
    'org.opencontainers.image.base.name': 'node:24-bookworm-slim',
    'org.opencontainers.image.revision': 'ab'.repeat(20),
    'dev.mlops.project': 'flights',
    'dev.mlops.version': '1.2.3',
    'dev.mlops.model.name': 'flight-delay',
    'dev.mlops.model.digest': expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
  });
  const other = (await plan({ yaml: 'name: flights\nserve: { port: 1234 }' })).labels;
  expect(other['dev.mlops.config.digest']).not.toBe(labels['dev.mlops.config.digest']);
  expect(other['dev.mlops.model.digest']).toBe(labels['dev.mlops.model.digest']);
});
