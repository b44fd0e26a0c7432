import { describe, expect, test } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { createTarget } from '../../../src/lib/deploy/create-target.js';
import { type DeployRequest, deploy } from '../../../src/lib/deploy/deploy.js';
import { rollback } from '../../../src/lib/deploy/rollback.js';
import { createProcessRunner, type ProcessRunner } from '../../../src/lib/platform/process/runner.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { release as common } from '../../support/deploy/fake-target.js';
import { type GcloudStandIn, gcloudStandIn } from '../../support/deploy/gcloud.js';
import { firstValues, type ModelServer, modelServer } from '../../support/deploy/model-server.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

const release = {
  ...common,
  image: 'r/demo@sha256:22',
  modelDigest: `sha256:${'a'.repeat(64)}`,
  replicas: { min: 0, max: 5 },
};
const golden = { source: 'r', rows: [[1], [0]], labels: [1, 0] };
const at = ['--project=p', '--region=europe-west1'];
const stop = new AbortController().signal;

let gcloudRunner: ProcessRunner;

async function open(yaml = '', runner = gcloudRunner) {
  const dir = await tempDir();
  const config = parseProject(`name: demo\ngcp: { project: p, region: europe-west1 }\n${yaml}`);
  const project = { file: undefined, dir, config };
  const options = { project, namespace: 'default', timeoutMs: 60_000, port: undefined };
  const deps = { runner, reporter: silentReporter, env: {}, now: () => new Date() };
  return await createTarget('cloud-run', options, deps);
}

async function run(overrides: Partial<DeployRequest> = {}, yaml = '', runner = gcloudRunner) {
  const target = await open(yaml, runner);
  const request = { release, dryRun: false, golden, gate: undefined, headers: [], ...overrides };
  return await deploy(request, { target, reporter: silentReporter, stop, retryMs: 1 });
}

async function setUp(handle = firstValues): Promise<{ gcloud: GcloudStandIn; server: ModelServer }> {
  const server = await modelServer(handle);
  const gcloud = await gcloudStandIn({ tagUrl: server.url });
  gcloudRunner = gcloud.runner;
  return { gcloud, server };
}

const image = (name: string) => ({ release: { ...release, image: name } });
const serving = (gcloud: GcloudStandIn) => gcloud.state().service?.status.traffic;

test('the first deploy makes a closed service, argument by argument', async () => {
  const { gcloud, server } = await setUp();
  // The program on the PATH, through the one door to programs.
  expect(await run({}, '', createProcessRunner())).toMatchObject({
    revision: 1,
    previous: null,
    endpoint: 'https://demo-hash-uc.a.run.app',
    gapMs: null,
  });
  expect(gcloud.changes()).toEqual([
    [
      'run',
      'deploy',
      'demo',
      '--image=r/demo@sha256:22',
      ...at,
      '--port=8080',
      '--cpu=1',
      '--memory=1Gi',
      '--concurrency=80',
      '--min-instances=0',
      '--max-instances=5',
      '--execution-environment=gen2',
      '--cpu-boost',
      '--update-env-vars=MLOPS_DRAIN_DELAY=0s',
      '--startup-probe=httpGet.path=/readyz,httpGet.port=8080,periodSeconds=2,timeoutSeconds=1,failureThreshold=60',
      '--liveness-probe=httpGet.path=/healthz,httpGet.port=8080,periodSeconds=10,timeoutSeconds=2,failureThreshold=3',
      `--update-labels=mlops-parent=none,mlops-model=${'a'.repeat(40)},mlops-config=bb`,
      '--tag=candidate',
      '--no-allow-unauthenticated',
      '--ingress=internal',
      '--quiet',
    ],
    [
      'run',
      'services',
      'update-traffic',
      'demo',
      '--to-revisions=demo-00001-abc=100',
      '--remove-tags=candidate',
      ...at,
      '--quiet',
    ],
  ]);
  expect(server.seen[0]?.headers['x-serverless-authorization']).toBe('Bearer token-for-anything');
});

test('the next one gets no traffic before it is checked, and touches nothing else', async () => {
  const { gcloud } = await setUp();
  await run();
  gcloud.set({ account: 'service' });
  const before = gcloud.changes().length;
  expect(await run(image('r/demo@sha256:33'))).toMatchObject({ revision: 2, previous: 1 });
  const [deployed, traffic, ...more] = gcloud.changes().slice(before);
  expect(deployed).toEqual(expect.arrayContaining(['--no-traffic', '--tag=candidate']));
  expect(deployed?.join(' ')).toContain('mlops-parent=demo-00001-abc,');
  expect(deployed?.join(' ')).not.toMatch(/ingress|unauthenticated/);
  expect(traffic).toContain('--to-revisions=demo-00002-abc=100');
  expect(more).toEqual([]);
  expect(gcloud.calls()).toContainEqual(['auth', 'print-identity-token', '--audiences=https://demo-hash-uc.a.run.app']);
});

test('no token is ever an argument', async () => {
  const { gcloud } = await setUp();
  await run();
  expect(gcloud.calls().flat().join(' ')).not.toContain('token-for');
});

test('public: opened for everybody only after the check, and closed again by the next internal one', async () => {
  const { gcloud } = await setUp();
  await run({ release: { ...release, expose: 'public' } });
  expect(gcloud.state().members).toEqual(['allUsers']);
  const words = gcloud.changes().map((args) => args.slice(0, 3).join(' '));
  expect(words).toEqual(['run deploy demo', 'run services update-traffic', 'run services add-iam-policy-binding']);
  const before = gcloud.changes().length;
  await run(image('r/demo@sha256:33'));
  expect(gcloud.changes().slice(before + 2)).toEqual([
    [
      'run',
      'services',
      'remove-iam-policy-binding',
      'demo',
      '--member=allUsers',
      '--role=roles/run.invoker',
      ...at,
      '--quiet',
    ],
    ['run', 'services', 'update', 'demo', '--ingress=internal', ...at, '--quiet'],
  ]);
  expect(gcloud.state().members).toEqual([]);
});

test('a public service is asked without a token', async () => {
  const { gcloud } = await setUp();
  await run({ release: { ...release, expose: 'public' } });
  const before = gcloud.calls().length;
  await run({ release: { ...release, expose: 'public', image: 'r/demo@sha256:33' } });
  expect(gcloud.calls().slice(before).flat()).not.toContain('print-identity-token');
});

test('what is as described is not deployed again', async () => {
  const { gcloud } = await setUp();
  await run();
  const before = gcloud.changes().length;
  expect(await run()).toMatchObject({ outcome: 'unchanged', revision: 1 });
  expect(gcloud.changes()).toHaveLength(before);
});

describe('what fails', () => {
  test('a container that does not start: the words of Cloud Run, and the traffic stays', async () => {
    const { gcloud } = await setUp();
    await run();
    const error = await errorOf(() => run(image('r/broken@sha256:33')));
    expect(error).toMatchObject({ code: 'ROLLOUT_FAILED', exitCode: 1 });
    expect(error.why).toContain("Revision 'demo-00002-abc' is not ready and cannot serve traffic.");
    expect(error.why).toContain('Revision 1 serves, as before.');
    expect(serving(gcloud)).toEqual([{ revisionName: 'demo-00001-abc', percent: 100 }]);
  });

  test('wrong predictions: the tag goes, the traffic stays', async () => {
    const { gcloud } = await setUp();
    await run();
    const error = await errorOf(() => run({ ...image('r/demo@sha256:33'), golden: { ...golden, labels: [1, 1] } }));
    expect(error).toMatchObject({ code: 'GOLDEN_MISMATCH', exitCode: 1 });
    expect(serving(gcloud)).toEqual([{ revisionName: 'demo-00001-abc', percent: 100 }]);
  });

  test('on the first deploy: the service stays closed, and how to take it away is said', async () => {
    const { gcloud } = await setUp();
    const error = await errorOf(() => run({ golden: { ...golden, labels: [1, 1] } }));
    expect(error.why).toContain('closed to everybody without roles/run.invoker');
    expect(error.actions.join('\n')).toContain('gcloud run services delete demo --project=p --region=europe-west1');
    expect(gcloud.state().members).toEqual([]);
  });

  test('an ingress that keeps us out is a matter of where we are, exit 5', async () => {
    await setUp((_rows, response) => response.writeHead(404).end('<html>Page not found</html>'));
    expect(await errorOf(() => run())).toMatchObject({ code: 'NOT_REACHABLE_FROM_HERE', exitCode: 5 });
  });

  test('without a login, with the command that logs in', async () => {
    ({ runner: gcloudRunner } = await gcloudStandIn({ account: 'none' }));
    const error = await errorOf(() => run());
    expect(error).toMatchObject({ code: 'GCLOUD_LOGIN', exitCode: 5 });
    expect(error.actions[0]).toBe('gcloud auth login');
  });
});

describe('history', () => {
  test('a rollback goes to what served before, not to what failed in between', async () => {
    const { gcloud } = await setUp();
    await run();
    await errorOf(() => run({ ...image('r/demo@sha256:33'), golden: { ...golden, labels: [1, 1] } }));
    await run(image('r/demo@sha256:44'));
    const target = await open();
    expect((await target.status()).history.map(({ revision, result }) => [revision, result])).toEqual([
      [3, 'serving'],
      [2, 'rolled-back'],
      [1, 'replaced'],
    ]);
    const deps = { target, reporter: silentReporter, stop };
    expect(await rollback(undefined, deps)).toMatchObject({ from: 3, revision: 1 });
    expect(serving(gcloud)).toEqual([{ revisionName: 'demo-00001-abc', percent: 100 }]);
    expect(await errorOf(() => rollback(9, deps))).toMatchObject({ code: 'NO_SUCH_REVISION', exitCode: 2 });
    expect(await rollback(3, deps)).toMatchObject({ from: 1, revision: 3 });
  });

  test('a revision that never became ready is told with its reason, and not gone back to', async () => {
    await setUp();
    await run();
    await errorOf(() => run(image('r/broken@sha256:33')));
    const target = await open();
    expect((await target.status()).history[0]).toMatchObject({
      revision: 2,
      result: 'failed',
      why: expect.stringContaining('PORT=8080'),
    });
    const error = await errorOf(() => rollback(2, { target, reporter: silentReporter, stop }));
    expect(error).toMatchObject({ code: 'NO_SUCH_REVISION' });
  });
});

test('settings of mlops.yaml and what was provisioned end up in the arguments', async () => {
  const { gcloud } = await setUp();
  await run(
    {},
    'deploy: { cloudRun: { service: api, ingress: all, concurrency: 10, serviceAccount: run@p.iam.gserviceaccount.com } }',
  );
  expect(gcloud.changes()[0]).toEqual(
    expect.arrayContaining([
      'api',
      '--ingress=all',
      '--concurrency=10',
      '--service-account=run@p.iam.gserviceaccount.com',
    ]),
  );
});

test('without a project it asks for one', async () => {
  const project = { file: undefined, dir: await tempDir(), config: parseProject('') };
  const options = { project, namespace: 'default', timeoutMs: 1, port: undefined };
  const deps = { runner: createProcessRunner(), reporter: silentReporter, env: {}, now: () => new Date() };
  expect(await errorOf(() => createTarget('cloud-run', options, deps))).toMatchObject({
    code: 'GCP_PROJECT_MISSING',
    exitCode: 2,
  });
});
