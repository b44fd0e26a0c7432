import { appendFile, cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { checkCurrent } from '../../../src/lib/deploy/current.js';
import { labelledFacts } from '../../../src/lib/deploy/images.js';
import { choosePlatform } from '../../../src/lib/image/build.js';
import { predictorOf, speechModelOf } from '../../../src/lib/image/context/image-model.js';
import { servingPlan } from '../../../src/lib/image/context/serving-plan.js';
import { bundledModelName, catalogPath, speechEntryOf } from '../../../src/lib/model/catalog.js';
import { inspectModel } from '../../../src/lib/model/open.js';
import { speechModelIn } from '../../../src/lib/model/speech-files.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import type { Project } from '../../../src/lib/project/project.js';
import { imageDeps } from '../../support/docker/fake-docker.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

/** Files of a speech model do not have to be there to say what an image of it says. */
async function imageModel(reference: string | undefined, dir: string) {
  const entry = reference === undefined ? undefined : speechEntryOf(reference);
  if (reference === undefined || entry === undefined)
    return predictorOf(await inspectModel(reference, { baseDir: dir }));
  return speechModelOf(speechModelIn('/cache', reference, entry), '/licences');
}

async function setUp(yaml: string) {
  const dir = await tempDir();
  await cp(catalogPath(bundledModelName) ?? '', join(dir, 'own.onnx'));
  const project: Project = { file: undefined, dir, config: parseProject(yaml) };
  const { config } = project;
  const platform = choosePlatform({ project, platform: undefined }, 'amd64');
  const model = await imageModel(config.model, dir);
  const facts = { mlopsVersion: '1', revision: undefined };
  const { packaged } = imageDeps();
  const plan = await servingPlan({ config, model, platform, base: 'node', facts, packaged, configSource: '' });
  const image = { reference: 'demo:1', port: 8080, ...labelledFacts(plan.labels) };
  const warned: string[] = [];
  const say = (text: string) => void warned.push(text);
  const check = (now: string, isChosen = false) => {
    const changed = { ...project, config: parseProject(now) };
    return checkCurrent(changed, image, isChosen, { ...silentReporter, warn: say, note: say });
  };
  return { dir, image, warned, check };
}

const yaml = 'name: demo\nmodel: own.onnx\n';

test('an image of the project as it is now is deployed without a word, whatever else mlops.yaml says', async () => {
  const { check, warned } = await setUp(yaml);
  await check(`${yaml}deploy: { expose: public, replicas: { min: 1, max: 2 } }\n`);
  expect(warned).toEqual([]);
});

test.each([
  'serve: { drain: { delay: 300ms } }',
  'serve: { limits: { timeout: 3s } }',
  'slos: [{ name: latency, sli: latency, threshold: 9ms, target: 99%, window: 30d }]',
])('%s after the build: refused, or said of an image that was chosen', async (change) => {
  const { check, warned } = await setUp(yaml);
  const error = await errorOf(() => check(`${yaml}${change}\n`));
  expect(error).toMatchObject({ code: 'IMAGE_STALE', exitCode: 2, why: expect.stringContaining('mlops.yaml') });
  expect(error.actions[0]).toContain('mlops build');
  await check(`${yaml}${change}\n`, true);
  expect(warned).toEqual([expect.stringContaining('demo:1')]);
});

test('another model in the same file is found, one that is missing is no obstacle for an image that was chosen', async () => {
  const { check, dir, warned } = await setUp(yaml);
  const file = join(dir, 'own.onnx');
  // One more entry of metadata_props: the same predictions from another model.
  await appendFile(file, Buffer.from([0x72, 0x06, 0x0a, 0x01, 0x61, 0x12, 0x01, 0x62]));
  const error = await errorOf(() => check(yaml));
  expect(error).toMatchObject({ code: 'IMAGE_STALE', why: expect.stringMatching(/^The model/) });
  await rm(file);
  await check(yaml, true);
  expect(warned).toEqual([expect.stringContaining('not compared')]);
});

test('an image that mlops build did not make is not compared', async () => {
  const { dir } = await setUp(yaml);
  const image = { reference: 'nginx', port: 80, ...labelledFacts({}) };
  await checkCurrent({ file: undefined, dir, config: parseProject(yaml) }, image, false, silentReporter);
});

test('an image of a speech model is compared by what the catalog says', async () => {
  const speech = 'name: demo\nmodel: moonshine-tiny\n';
  const { check, warned } = await setUp(speech);
  await check(speech);
  expect(warned).toEqual([]);
  const changed = () => check(`${speech}serve: { limits: { audio: { queue: 3 } } }\n`);
  expect(await errorOf(changed)).toMatchObject({ code: 'IMAGE_STALE', exitCode: 2 });
  expect((await errorOf(() => check('name: demo\nmodel: own.onnx\n'))).why).toMatch(/^The model is not what/);
});
