import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { buildCommand, buildFailure } from '../../../../src/lib/platform/docker/build.js';
import { createDocker } from '../../../../src/lib/platform/docker/docker.js';
import { createBuildProgress } from '../../../../src/lib/platform/docker/progress.js';
import type { BuildOptions } from '../../../../src/lib/platform/docker/types.js';
import { scriptedRunner } from '../../../support/docker/scripted-runner.js';
import { errorOf } from '../../../support/errors.js';

const options: BuildOptions = {
  contextDir: '/context',
  platform: 'linux/amd64',
  buildArgs: { BASE: 'node:24-bookworm-slim' },
  pull: false,
  builder: 'legacy',
  onProgress: () => undefined,
};

function versions(client: string, buildx: boolean) {
  return scriptedRunner((args) => {
    if (args[0] === 'buildx')
      return buildx ? { stdout: 'v0.24' } : { exitCode: 1, stderr: "docker: 'buildx' is not a docker command." };
    return { stdout: JSON.stringify({ Client: { Version: client }, Server: { Version: '20.10.24', Arch: 'arm64' } }) };
  });
}

describe('which builder', () => {
  test.each([
    ['28.2.2', true, {}, 'buildx'],
    ['28.2.2', false, {}, 'legacy'],
    ['23.0.1', false, {}, 'legacy'],
    ['20.10.24+dfsg1', false, {}, 'buildkit'],
    ['20.10.24+dfsg1', true, {}, 'buildx'],
    ['20.10.24+dfsg1', true, { DOCKER_BUILDKIT: '0' }, 'legacy'],
  ])('client %s, buildx %s, environment %o: %s', async (client, buildx, env, builder) => {
    const daemon = await createDocker({ runner: versions(client, buildx), env }).daemon();
    expect(daemon).toMatchObject({ builder, clientVersion: client, serverVersion: '20.10.24', architecture: 'arm64' });
    expect(daemon.note === undefined).toBe(builder !== 'legacy');
  });

  test('each is called in its own way, and no builder makes an index out of the image', () => {
    const rest = ['--platform', 'linux/amd64', '--build-arg', 'BASE=node:24-bookworm-slim'];
    expect(buildCommand({ ...options, builder: 'buildx' })).toEqual({
      args: ['buildx', 'build', '--load', '--progress=plain', ...rest, '/context'],
      env: { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' },
    });
    expect(buildCommand({ ...options, builder: 'buildkit' })).toEqual({
      args: ['build', '--progress=plain', ...rest, '/context'],
      env: { DOCKER_BUILDKIT: '1' },
    });
    expect(buildCommand({ ...options, pull: true }, '/id')).toEqual({
      args: ['build', ...rest.slice(0, 2), '--pull', ...rest.slice(2), '--iidfile', '/id', '/context'],
      env: { DOCKER_BUILDKIT: '0' },
    });
  });

  test('the id is read from the file that the builder writes', async () => {
    const runner = scriptedRunner(async (args) => {
      await writeFile(String(args[args.indexOf('--iidfile') + 1]), 'sha256:abc\n');
      return { stdout: 'Step 1/2 : FROM x\nStep 2/2 : ADD a.tar /' };
    });
    const said: string[] = [];
    const id = await createDocker({ runner, env: {} }).build({ ...options, onProgress: (text) => said.push(text) });
    expect(id).toBe('sha256:abc');
    expect(said).toEqual(['step 1 of 2: FROM x', 'step 2 of 2: ADD a.tar /']);
  });

  test('a build that is interrupted says so, whatever the builder says', async () => {
    const controller = new AbortController();
    const runner = scriptedRunner(() => {
      controller.abort('SIGINT');
      return { exitCode: undefined, stderr: 'context canceled' };
    });
    const building = createDocker({ runner, env: {} }).build({ ...options, signal: controller.signal });
    expect(await errorOf(() => building)).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
  });
});

describe('progress', () => {
  const describeAll = (text: string) => text.split('\n').map(createBuildProgress());

  test('of BuildKit, as Docker 20.10 and buildx write it', () => {
    const log = [
      '#1 [internal] load build definition from Dockerfile',
      '#1 sha256:92a5a40fd102608de5de7aa9a9322c7b6203aee4dad657428bce4e9d2c6ae9f2',
      '#1 transferring dockerfile: 32B done',
      '#3 [internal] load metadata for docker.io/library/node:24-bookworm-slim',
      '#4 [1/5] FROM docker.io/library/node:24-bookworm-slim',
      '#4 sha256:0a1b 12.58MB / 29.13MB 0.4s',
      '#5 [internal] load build context',
      '#5 transferring context: 48.32MB 0.3s done',
      '#7 [stage-0 3/5] ADD server.tar /',
      '#7 DONE 0.1s',
      '#10 exporting layers 0.4s done',
    ].join('\n');
    expect(describeAll(log).filter((text) => text !== undefined)).toEqual([
      'looking for docker.io/library/node:24-bookworm-slim',
      'step 1 of 5: FROM docker.io/library/node:24-bookworm-slim',
      'pulling the base image: 12.58MB / 29.13MB',
      'sending the build context: 48.32MB',
      'step 3 of 5: ADD server.tar /',
      'exporting layers',
    ]);
  });

  test('of the legacy builder', () => {
    const log = 'Sending build context to Docker daemon  1.01MB\r\r\nStep 3/11 : ADD runtime.tar /\n ---> Using cache';
    expect(describeAll(log)).toEqual([
      'sending the build context: 1.01MB',
      'step 3 of 11: ADD runtime.tar /',
      undefined,
    ]);
  });
});

describe('what failed', () => {
  test.each([
    [
      'failed to solve with frontend dockerfile.v0: failed to create LLB definition: failed to do request: Head "https://registry-1.docker.io/v2/library/node/manifests/nope": dial tcp: lookup registry-1.docker.io on 10.0.0.2:53: no such host',
      'REGISTRY_UNREACHABLE',
      1,
    ],
    ['Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused', 'REGISTRY_UNREACHABLE', 1],
    [
      'failed to solve with frontend dockerfile.v0: failed to create LLB definition: 127.0.0.1:5055/none:1: not found',
      'BASE_NOT_FOUND',
      1,
    ],
    [
      "pull access denied for nope, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
      'BASE_NOT_FOUND',
      1,
    ],
    ['manifest for node:99 not found: manifest unknown: manifest unknown', 'BASE_NOT_FOUND', 1],
    ['ERROR: failed to solve: x: no match for platform in manifest: not found', 'PLATFORM_UNAVAILABLE', 1],
    ['no matching manifest for linux/arm64 in the manifest list entries', 'PLATFORM_UNAVAILABLE', 1],
    ['toomanyrequests: You have reached your pull rate limit.', 'RATE_LIMITED', 1],
    ['write /var/lib/docker/overlay2/x: no space left on device', 'DOCKER_DISK_FULL', 1],
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'DOCKER_UNREACHABLE',
      5,
    ],
    ['something new', 'BUILD_FAILED', 1],
  ])('%s', (line, code, exitCode) => {
    const error = buildFailure(`Step 2/9 : FROM x\n${line}\n`, options);
    expect(error).toMatchObject({ code, exitCode });
    expect(error.why).toContain(line.replace('ERROR: ', ''));
    expect(error.actions.length).toBeGreaterThan(0);
  });
});

test('a base of another platform has one name, whichever step of the legacy builder stumbles over it', () => {
  const id = `sha256:${'8c'.repeat(32)}`;
  const line = `failed to get destination image "${id}": image with reference ${id} was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64`;
  const error = buildFailure(`Step 4/13 : ADD server.tar /\n${line}`, { ...options, platform: 'linux/arm64' });
  expect(error).toMatchObject({ code: 'PLATFORM_MISMATCH', exitCode: 1, why: 'It is for linux/amd64.' });
  expect(error.message).toContain('node:24-bookworm-slim');
  expect(error.actions[0]).toBe('docker pull --platform linux/arm64 node:24-bookworm-slim');
});

test.each([
  ['Cannot connect to the Docker daemon at tcp://127.0.0.1:9. Is the docker daemon running?', 'DOCKER_UNREACHABLE'],
  [
    'failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct',
    'DOCKER_UNREACHABLE',
  ],
  [
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.50/version": dial unix /var/run/docker.sock: connect: permission denied',
    'DOCKER_NOT_ALLOWED',
  ],
])('a daemon that cannot be talked to is a missing prerequisite: %s', async (stderr, code) => {
  const docker = createDocker({ runner: scriptedRunner(() => ({ exitCode: 1, stderr })), env: {} });
  expect(await errorOf(() => docker.daemon())).toMatchObject({ code, exitCode: 5 });
  expect(await errorOf(() => docker.inspectImage('x'))).toMatchObject({ code, exitCode: 5 });
});
