import { existsSync } from 'node:fs';
import { mkdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDocker } from '../../../../src/lib/platform/docker/docker.js';
import { pushFailure } from '../../../../src/lib/platform/docker/push.js';
import { registryOf } from '../../../../src/lib/platform/docker/reference.js';
import { scriptedRunner } from '../../../support/docker/scripted-runner.js';
import { errorOf } from '../../../support/errors.js';
import { tempDir } from '../../../support/temp-dir.js';

const digest = `sha256:${'7a'.repeat(32)}`;
const progress = { onProgress: () => undefined };

test('a push counts layers and returns the digest of the manifest', async () => {
  const stdout = [
    'The push refers to repository [127.0.0.1:5055/flight]',
    '5f70bf18a086: Preparing',
    'd4bb1fbd4b26: Preparing',
    'd4bb1fbd4b26: Layer already exists',
    '5f70bf18a086: Pushed',
    `1: digest: ${digest} size: 1360`,
  ].join('\n');
  const said: string[] = [];
  const docker = createDocker({ runner: scriptedRunner(() => ({ stdout })), env: {} });
  expect(await docker.push('127.0.0.1:5055/flight:1', { onProgress: (text) => said.push(text) })).toBe(digest);
  expect(said).toEqual(['0 of 1 layers', '0 of 2 layers', '1 of 2 layers', '2 of 2 layers']);
});

test('a push that ends without a digest did not succeed', async () => {
  const docker = createDocker({ runner: scriptedRunner(() => ({ stdout: 'Using default tag: latest' })), env: {} });
  expect(await errorOf(() => docker.push('a/b:1', progress))).toMatchObject({ code: 'PUSH_FAILED' });
});

const ecr = '123456789012.dkr.ecr.us-east-1.amazonaws.com/flight-delay:1';

describe('what failed', () => {
  test.each([
    ['docker.io/me/x:1', 'denied: requested access to the resource is denied', 'REGISTRY_DENIED', 1],
    ['docker.io/me/x:1', 'unauthorized: authentication required', 'REGISTRY_LOGIN_REQUIRED', 5],
    ['docker.io/me/x:1', 'toomanyrequests: You have reached your pull rate limit.', 'RATE_LIMITED', 1],
    ['127.0.0.1:5000/x:1', 'no basic auth credentials', 'REGISTRY_LOGIN_REQUIRED', 5],
    [ecr, 'denied: Your authorization token has expired. Reauthenticate and try again.', 'REGISTRY_LOGIN_REQUIRED', 5],
    [
      ecr,
      "name unknown: The repository with name 'flight-delay' does not exist in the registry with id '123456789012'",
      'REPOSITORY_NOT_FOUND',
      1,
    ],
    [
      ecr,
      "tag invalid: The image tag '1' already exists in the 'flight-delay' repository and cannot be overwritten because the repository is immutable.",
      'TAG_IMMUTABLE',
      1,
    ],
    [
      ecr,
      'denied: User: arn:aws:iam::123456789012:user/me is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:us-east-1:123456789012:repository/flight-delay because no identity-based policy allows it',
      'REGISTRY_DENIED',
      1,
    ],
    ['europe-docker.pkg.dev/p/r/x:1', 'name unknown: Repository "r" not found', 'REPOSITORY_NOT_FOUND', 1],
    [
      'europe-docker.pkg.dev/p/r/x:1',
      'denied: Permission "artifactregistry.repositories.uploadArtifacts" denied on resource "projects/p/locations/europe/repositories/r" (or it may not exist)',
      'REGISTRY_DENIED',
      1,
    ],
    [
      'europe-docker.pkg.dev/p/r/x:1',
      'manifest invalid: cannot update tag 1. The repository has enabled tag immutability',
      'TAG_IMMUTABLE',
      1,
    ],
    [
      'reg.example:5000/x:1',
      'Get "https://reg.example:5000/v2/": dial tcp: lookup reg.example: no such host',
      'REGISTRY_UNREACHABLE',
      1,
    ],
    [
      'reg.example:5000/x:1',
      'Get "https://reg.example:5000/v2/": http: server gave HTTP response to HTTPS client',
      'REGISTRY_NOT_TRUSTED',
      1,
    ],
    [
      'reg.example:5000/x:1',
      'Get "https://reg.example:5000/v2/": x509: certificate signed by unknown authority',
      'REGISTRY_NOT_TRUSTED',
      1,
    ],
    ['reg.example:5000/x:1', 'received unexpected HTTP status: 500 Internal Server Error', 'PUSH_FAILED', 1],
  ])('%s: %s', (reference, line, code, exitCode) => {
    const error = pushFailure(`The push refers to repository [x]\nabc: Preparing\n${line}`, reference);
    expect(error).toMatchObject({ code, exitCode, why: line });
    expect(error.actions.length).toBeGreaterThan(0);
  });

  test('only for ECR, a missing repository can be asked for', () => {
    const line = 'name unknown: repository not found';
    expect(pushFailure(line, ecr).actions.join()).toContain('--create-repository');
    expect(pushFailure(line, 'reg.example/x:1').actions.join()).not.toContain('--create-repository');
  });
});

describe('a login of our own', () => {
  const login = { registry: 'reg.example', username: 'AWS', password: 'the-token' };

  test('has a configuration of its own with the context of the user, and is gone afterwards', async () => {
    const home = await tempDir();
    const config = {
      auths: { 'other.example': { auth: 'c2VjcmV0' } },
      credsStore: 'desktop',
      credHelpers: { 'gcr.io': 'gcloud' },
      currentContext: 'colima',
      proxies: { default: { httpProxy: 'http://proxy' } },
    };
    await mkdir(join(home, '.docker', 'contexts'), { recursive: true });
    await writeFile(join(home, '.docker', 'config.json'), JSON.stringify(config));
    const runner = scriptedRunner(() => ({}));
    const docker = createDocker({ runner, env: { HOME: home } });
    let folder = '';
    const result = await docker.loggedIn(login, async (loggedIn) => {
      await loggedIn.tag('a', 'b');
      folder = String(runner.calls[0]?.args[1]);
      const own: unknown = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
      expect(own).toEqual({ currentContext: 'colima', proxies: { default: { httpProxy: 'http://proxy' } } });
      expect(await readlink(join(folder, 'contexts'))).toBe(join(home, '.docker', 'contexts'));
      return 'done';
    });
    expect(result).toBe('done');
    expect(runner.calls.map(({ args }) => args)).toEqual([
      ['--config', folder, 'login', '--username', 'AWS', '--password-stdin', 'reg.example'],
      ['--config', folder, 'tag', 'a', 'b'],
    ]);
    expect(runner.calls[0]?.options.input).toBe('the-token');
    expect(existsSync(folder)).toBe(false);
    expect(JSON.parse(await readFile(join(home, '.docker', 'config.json'), 'utf8'))).toEqual(config);
    expect(existsSync(join(home, '.docker', 'contexts'))).toBe(true);
  });

  test('that is refused names the registry, not the password, and leaves nothing behind', async () => {
    const stderr = 'Error response from daemon: Get "https://reg.example/v2/": unauthorized: authentication required';
    const runner = scriptedRunner(() => ({ exitCode: 1, stderr }));
    const docker = createDocker({ runner, env: { HOME: await tempDir() } });
    const error = await errorOf(() => docker.loggedIn(login, async () => 'never'));
    expect(error).toMatchObject({ code: 'REGISTRY_LOGIN_REFUSED', exitCode: 5 });
    expect(JSON.stringify(error)).not.toContain('the-token');
    expect(existsSync(String(runner.calls[0]?.args[1]))).toBe(false);
  });
});

test.each([
  ['node:24', 'docker.io'],
  ['me/app', 'docker.io'],
  ['localhost/app', 'localhost'],
  ['127.0.0.1:5000/app:1', '127.0.0.1:5000'],
  ['ghcr.io/team/app@sha256:00', 'ghcr.io'],
])('the registry of %s is %s', (reference, registry) => {
  expect(registryOf(reference)).toBe(registry);
});

test('of several images, the one that was named last comes first: one from a cache keeps its first time', async () => {
  const image = (Id: string, Created: string, LastTagTime: string) => ({ Id, Created, Metadata: { LastTagTime } });
  const inspected = [
    image('built-first', '2026-11-21T10:00:00Z', '2026-11-21T10:00:01Z'),
    image('rebuilt', '2026-11-21T09:00:00Z', '2026-11-21T12:00:00Z'),
    image('unnamed', '2026-11-21T11:00:00Z', '0001-01-01T00:00:00Z'),
  ];
  const runner = scriptedRunner((args) =>
    args[1] === 'ls' ? { stdout: 'unnamed\nbuilt-first\nrebuilt\nrebuilt' } : { stdout: JSON.stringify(inspected) },
  );
  const docker = createDocker({ runner, env: {} });
  expect(await docker.imagesLabelled('a', 'b')).toEqual(['rebuilt', 'unnamed', 'built-first']);
  expect(runner.calls[0]?.args.join(' ')).toBe('image ls --no-trunc --quiet --filter label=a=b');
});
