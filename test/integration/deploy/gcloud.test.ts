import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  deployArguments,
  ingressArguments,
  invokerArguments,
  trafficArguments,
  untagArguments,
} from '../../../src/lib/deploy/cloud-run/arguments.js';
import { buildArguments } from '../../../src/lib/deploy/cloud-run/cloud-build.js';
import { createProcessRunner } from '../../../src/lib/platform/process/runner.js';
import { release } from '../../support/deploy/fake-target.js';
import { tool } from '../../support/tools.js';

const gcloud = tool('gcloud');
const runner = createProcessRunner();

const at = { service: 'demo', project: 'p-123456', region: 'us-central1' };
const settings = { ...at, ingress: undefined, concurrency: 80, serviceAccount: 'run@p-123456.iam.gserviceaccount.com' };

// Every list of arguments that we hand to gcloud, in one place.
const calls: Readonly<Record<string, readonly string[]>> = {
  'deploy to a new service': deployArguments(release, settings, { isNew: true, parent: undefined }),
  'deploy without traffic': deployArguments(release, settings, { isNew: false, parent: 'demo-00001-abc' }),
  traffic: trafficArguments(at, 'demo-00001-abc', true),
  untag: untagArguments(at),
  ingress: ingressArguments(at, 'internal'),
  open: invokerArguments(at, 'add'),
  close: invokerArguments(at, 'remove'),
  describe: ['run', 'services', 'describe', 'demo', '--project=p', '--region=r', '--format=json'],
  policy: ['run', 'services', 'get-iam-policy', 'demo', '--project=p', '--region=r', '--format=json'],
  revisions: [
    'run',
    'revisions',
    'list',
    '--service=demo',
    '--project=p',
    '--region=r',
    '--sort-by=~metadata.creationTimestamp',
    '--limit=30',
    '--format=json',
  ],
  token: ['auth', 'print-identity-token', '--audiences=https://demo.a.run.app'],
  build: buildArguments('p-123456', import.meta.dirname, join(import.meta.dirname, 'cloudbuild.json')),
};

// The real gcloud takes every argument that we give, and gets as far as missing an account: it has no login in a
// configuration folder of its own, so that nothing can be reached or changed, whoever is logged in here.
describe.skipIf(gcloud === undefined)('the real gcloud', () => {
  let config: string;
  beforeAll(async () => {
    config = await mkdtemp(join(tmpdir(), 'mlops-gcloud-'));
  });
  afterAll(() => rm(config, { recursive: true, force: true }));

  const run = async (args: readonly string[]) => {
    const env = {
      CLOUDSDK_CONFIG: config,
      CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
      CLOUDSDK_CORE_CHECK_GCE_METADATA: 'false',
      GOOGLE_APPLICATION_CREDENTIALS: undefined,
      CLOUDSDK_AUTH_ACCESS_TOKEN: undefined,
      CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: undefined,
      CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE: undefined,
    };
    return await runner.run('gcloud', args, { env });
  };

  test.each(Object.entries(calls))('takes the arguments of: %s', async (_name, args) => {
    const { exitCode, stderr } = await run(args);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('You do not currently have an active account selected');
  });

  test('refuses an argument that there is not, before it looks for an account', async () => {
    const { exitCode, stderr } = await run([...trafficArguments(at, 'demo-00001-abc', true), '--no-such-flag']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('unrecognized arguments: --no-such-flag');
  });
});
