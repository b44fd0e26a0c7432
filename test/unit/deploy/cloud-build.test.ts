import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { buildConfig, cloudBuild } from '../../../src/lib/deploy/cloud-run/cloud-build.js';
import { createImageDeps } from '../../../src/lib/image/create-deps.js';
import { GcloudClient } from '../../../src/lib/platform/gcp/gcloud-client.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { gcloudStandIn } from '../../support/deploy/gcloud.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

async function setUp(yaml = '') {
  const standIn = await gcloudStandIn();
  const { runner } = standIn;
  const given = { runner, reporter: silentReporter, env: {}, signal: new AbortController().signal };
  const image = createImageDeps({ ...given, mlopsVersion: '0.0.0', nodeArch: 'x64' });
  const config = parseProject(`name: demo\ngcp: { project: p-123456, region: us-central1 }\n${yaml}`);
  const project = { file: undefined, dir: await tempDir(), config };
  const build = (dryRun: boolean) => {
    return cloudBuild({ project, gcpProject: 'p-123456', dryRun }, { gcloud: new GcloudClient(runner), image });
  };
  return { standIn, build };
}

test('the context is built by Cloud Build and deployed by its digest', async () => {
  const { standIn, build } = await setUp();
  const built = await build(false);
  expect(built).toMatchObject({
    reference: `us-central1-docker.pkg.dev/p-123456/demo/demo@sha256:${'d'.repeat(64)}`,
    modelDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    port: 8080,
  });
  const [args = []] = standIn.changes();
  expect(args.toSpliced(2, 1)).toEqual([
    'builds',
    'submit',
    expect.stringMatching(/^--config=.*cloudbuild\.json$/),
    '--project=p-123456',
    '--suppress-logs',
    '--quiet',
    '--format=json',
  ]);
  const { dockerfile, config } = JSON.parse(readFileSync(join(standIn.dir, 'build.json'), 'utf8'));
  expect(dockerfile).toBe(true);
  expect(config.images[0]).toMatch(/^us-central1-docker\.pkg\.dev\/p-123456\/demo\/demo:[0-9a-f]{12}-[0-9a-f]{12}$/);
  expect(config.steps[0].args).toEqual(
    expect.arrayContaining(['--label', `dev.mlops.model.digest=${built.modelDigest}`]),
  );
});

test('a dry run looks at the context and asks Cloud Build for nothing', async () => {
  const { standIn, build } = await setUp();
  expect((await build(true)).reference).toMatch(/demo:[0-9a-f]{12}-[0-9a-f]{12}$/);
  expect(standIn.calls()).toEqual([]);
});

test('another registry is refused: Cloud Build pushes to Artifact Registry', async () => {
  const { build } = await setUp('image: { registry: docker.io/somebody }');
  expect(await errorOf(() => build(false))).toMatchObject({ code: 'CLOUD_BUILD_REGISTRY', exitCode: 2 });
});

test('a dollar is a character, not a substitution', () => {
  const config = buildConfig({ labels: { price: '5$' }, buildArgs: {} }, 'r:1') as { steps: { args: string[] }[] };
  expect(config.steps[0]?.args).toContain('price=5$$');
});
