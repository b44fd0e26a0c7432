import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packagedFiles } from '../../../src/lib/image/create-deps.js';
import { describeContext } from '../../../src/lib/image/eject.js';
import { catalog } from '../../../src/lib/model/catalog.js';
import type { SpeechModel } from '../../../src/lib/model/speech-model.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { imageDeps } from '../../support/docker/fake-docker.js';
import { tempDir } from '../../support/temp-dir.js';

async function madeUp(): Promise<SpeechModel> {
  const dir = await tempDir();
  const names = { encoder: 'encoder_model.onnx', decoder: 'decoder_model_merged.onnx', vad: 'vad.onnx' };
  const place = async (name: string) => {
    await writeFile(join(dir, name), name);
    return join(dir, name);
  };
  const files = {
    encoder: await place(names.encoder),
    decoder: await place(names.decoder),
    vad: await place(names.vad),
  };
  return { name: 'moonshine-tiny', version: '0.1.29', digest: 'ab'.repeat(32), language: 'en', license: 'MIT', files };
}

test('the image of a speech model has its files, its licences and the server for it', async () => {
  const model = await madeUp();
  const asked: string[] = [];
  const deps = imageDeps({
    speechModel: async (name) => {
      asked.push(name);
      return model;
    },
  });
  const yaml = 'name: calls\nmodel: moonshine-tiny\nserve: { limits: { audio: { queue: 3 } } }\n';
  const project = { file: undefined, dir: await tempDir(), config: parseProject(yaml) };
  const { layers, labels } = await describeContext({ project, base: undefined, platform: 'linux/amd64' }, deps);
  expect(asked).toEqual(['moonshine-tiny']);
  const pathsOf = (layer: string) => layers.find(({ name }) => name === layer)?.files.map(({ path }) => path) ?? [];
  expect(pathsOf('model').toSorted()).toEqual([
    '/app/model/LICENSE.txt',
    '/app/model/decoder_model_merged.onnx',
    '/app/model/encoder_model.onnx',
    '/app/model/vad.onnx',
  ]);
  expect(pathsOf('server')).toEqual(
    expect.arrayContaining(['/app/server.mjs', '/app/speech-thread.mjs', '/app/worker.mjs', '/app/health-check.mjs']),
  );
  expect(pathsOf('server')).toContain('/app/THIRD-PARTY-LICENSES.txt');
  expect(labels).toMatchObject({
    'dev.mlops.model.name': 'moonshine-tiny',
    'dev.mlops.model.version': '0.1.29',
    'dev.mlops.model.digest': `sha256:${'ab'.repeat(32)}`,
  });
});

test('every speech model of the catalog comes with its licences', () => {
  const speech = [...catalog()].filter(([, { kind }]) => kind === 'speech');
  expect(speech.length).toBeGreaterThan(0);
  for (const [name] of speech) {
    const file = join(packagedFiles.licences, `${name}.LICENSE.txt`);
    expect(existsSync(file), name).toBe(true);
    expect(readFileSync(file, 'utf8')).toMatch(/Copyright \(c\) /);
  }
});
