import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { repositoryFor } from '../../../src/lib/image/build.js';
import { speechModelOf } from '../../../src/lib/image/context/image-model.js';
import { lambdaPlan } from '../../../src/lib/image/context/lambda-plan.js';
import { packagedFiles } from '../../../src/lib/image/create-deps.js';
import { platformOf } from '../../../src/lib/image/platform.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { fakeModel } from '../../support/recordings/fake-engine.js';

const config = parseProject('name: calls');
const plan = (platform = 'linux/amd64') =>
  lambdaPlan({
    config,
    model: speechModelOf(fakeModel, packagedFiles.licences),
    platform: platformOf(platform),
    base: 'node:24-bookworm-slim',
    facts: { mlopsVersion: '1.2.3', revision: undefined },
    packaged: packagedFiles,
    configSource: 'mlops.yaml',
  });

test('the image of the functions: its layers are those of the Dockerfile, its program is a runtime', async () => {
  const made = await plan();
  const dockerfile = readFileSync(made.dockerfile, 'utf8');
  const added = [...dockerfile.matchAll(/^ADD (\S+)\.tar \/$/gm)].map(([, name]) => name);
  expect(added).toEqual(made.layers.map(({ name }) => name));
  expect(dockerfile).toMatch(/^ENTRYPOINT \["node", "\/app\/lambda\.mjs"\]$/m);
  expect(dockerfile).toMatch(/^USER 1000:1000$/m);
  expect(dockerfile).not.toMatch(/^(RUN|COPY|EXPOSE|HEALTHCHECK)/m);
  const paths = made.layers.flatMap(({ files }) => files).map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining(['/app/lambda.mjs', '/app/speech-thread.mjs', '/app/mlops.resolved.json']),
  );
  expect(paths.join()).not.toMatch(/duckdb|server\.mjs/);
  const arm = (await plan('linux/arm64')).layers.flatMap(({ files }) => files).map(({ path }) => path);
  expect(arm.join()).toContain('/linux/arm64/');
});

test('it is no image that serves: what looks for one does not find it', async () => {
  const { labels, buildArgs } = await plan();
  expect(labels).toMatchObject({ 'dev.mlops.functions': 'calls', 'dev.mlops.model.name': 'fake' });
  expect(Object.keys(labels)).not.toContain('dev.mlops.project');
  expect(buildArgs).toEqual({ BASE: 'node:24-bookworm-slim' });
  const project = { file: undefined, dir: '/', config };
  expect([repositoryFor(project, 'lambda'), repositoryFor(project, undefined)]).toEqual(['calls-functions', 'calls']);
});
