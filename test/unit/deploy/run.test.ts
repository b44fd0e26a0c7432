import { expect, test } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { type DeployCommand, runDeploy } from '../../../src/lib/deploy/run.js';
import { imageLabels } from '../../../src/lib/image/labels.js';
import { speechEntryOf } from '../../../src/lib/model/catalog.js';
import { speechModelIn } from '../../../src/lib/model/speech-files.js';
import type { ProcessRunner } from '../../../src/lib/platform/process/runner.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { gcloudStandIn } from '../../support/deploy/gcloud.js';
import { listeningSpeechApp } from '../../support/endpoint/speech-app.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

const model = 'moonshine-tiny';
const entry = speechEntryOf(model);
if (entry === undefined) throw new Error('It is not in the catalog');
const { digest } = speechModelIn('/', model, entry);
const image = `r/dictation@sha256:${'2'.repeat(64)}`;

/** Deploys a speech project whose image says that it holds the model `held`; undefined: it says nothing. */
async function run(held: string | undefined, yaml = '', asked: Partial<DeployCommand> = {}) {
  const { url, engine } = await listeningSpeechApp();
  const gcloud = await gcloudStandIn({ tagUrl: url });
  const labels = held === undefined ? {} : { [imageLabels.modelDigest]: `sha256:${held}` };
  const inspected = { Id: image, RepoTags: [], RepoDigests: [image], Size: 1, RootFS: {}, Config: { Labels: labels } };
  const runner: ProcessRunner = {
    run: async (name, args, options) =>
      name === 'docker'
        ? { exitCode: 0, stdout: JSON.stringify([inspected]), stderr: '' }
        : gcloud.runner.run(name, args, options),
    start: gcloud.runner.start,
  };
  const warnings: string[] = [];
  const dir = await tempDir();
  const config = parseProject(`name: dictation\nmodel: ${model}\ngcp: { project: p, region: europe-west1 }\n${yaml}`);
  const command: DeployCommand = {
    project: { file: 'mlops.yaml', dir, config },
    target: 'cloud-run',
    namespace: undefined,
    timeout: '1m',
    port: undefined,
    kubernetes: {},
    image,
    dryRun: false,
    golden: undefined,
    gate: false,
    gateDuration: '10s',
    expose: undefined,
    publicUnauthenticated: false,
    headers: [],
    cloudBuild: false,
    ...asked,
  };
  const outcome = runDeploy(command, {
    runner,
    reporter: { ...silentReporter, warn: (text) => void warnings.push(text) },
    env: {},
    now: () => new Date(),
    stop: new AbortController().signal,
    cwd: dir,
    versions: { mlops: '1.0.0', node: process.version },
  });
  return { outcome, engine, warnings, gcloud };
}

test('the speech model of the project has to transcribe a clip', async () => {
  for (const held of [digest, undefined]) {
    const { outcome, engine, warnings } = await run(held);
    expect(await outcome).toMatchObject({ outcome: 'deployed', clip: { seconds: 1.2 } });
    expect([engine.calls.length, warnings]).toEqual([1, []]);
  }
});

test('another model in the image is asked nothing, which is said', async () => {
  const { outcome, engine, warnings } = await run('f'.repeat(64));
  expect(await outcome).toMatchObject({ outcome: 'deployed', clip: null });
  expect(engine.calls).toEqual([]);
  expect(warnings).toEqual([
    `The image holds the model ${'f'.repeat(12)}, the project has ${digest.slice(0, 12)}. No clip is transcribed.`,
  ]);
});

test('the clip is cut to the limits of the project; none, and a warning, where nothing is left of it', async () => {
  const limited = (limits: string) => `serve: { limits: { audio: { ${limits} } } }\n`;
  const short = await run(digest, limited('duration: 1s'));
  expect(await short.outcome).toMatchObject({ clip: { seconds: 1 } });
  const small = await run(digest, limited('size: 30KiB, storage: 64KiB'));
  expect((await small.outcome).clip?.seconds).toBeCloseTo(0.958, 2);
  for (const tiny of ['duration: 100ms', 'size: 2KiB']) {
    const { outcome, engine, warnings } = await run(digest, limited(tiny));
    expect(await outcome).toMatchObject({ outcome: 'deployed', clip: null });
    expect(engine.calls).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/serve\.limits\.audio\.duration, \.size.*no clip/)]);
  }
});

test('a check by rows is refused before anything is asked, with what to leave out', async () => {
  const cases = [
    ['', { gate: true }, '--gate'],
    ['', { golden: 'rows.jsonl' }, '--golden'],
    ['deploy: { golden: rows.jsonl }\n', {}, 'deploy.golden in mlops.yaml'],
    ['deploy: { golden: rows.jsonl }\n', { gate: true }, '--gate, deploy.golden in mlops.yaml'],
  ] as const;
  for (const [yaml, asked, named] of cases) {
    const { outcome, gcloud } = await run(digest, yaml, asked);
    const error = await errorOf(() => outcome);
    expect(error).toMatchObject({ code: 'CHECK_TAKES_ROWS', exitCode: 2 });
    expect(error.why).toContain('moonshine-tiny takes recordings');
    expect(error.actions[0]).toMatch(/^Leave (it|them) out: /);
    expect(error.actions[0]?.endsWith(`: ${named}`)).toBe(true);
    expect(gcloud.calls()).toEqual([]);
  }
});
