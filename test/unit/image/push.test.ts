import { describe, expect, test } from 'vitest';
import { OperationError } from '../../../src/lib/base/errors/mlops-error.js';
import type { ImageDeps } from '../../../src/lib/image/deps.js';
import { type PushOptions, pushImage } from '../../../src/lib/image/push.js';
import { contentTag } from '../../../src/lib/image/tag.js';
import type { Docker, RegistryLogin } from '../../../src/lib/platform/docker/types.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { fakeDocker, imageDeps, imageDetails } from '../../support/docker/fake-docker.js';
import { errorOf } from '../../support/errors.js';

const digest = `sha256:${'7a'.repeat(32)}`;
const details = imageDetails();
const tag = contentTag('3', details);
const project = { file: undefined, dir: '/nowhere', config: parseProject('name: flights') };

function options(given: Partial<PushOptions> = {}): PushOptions {
  return {
    project,
    image: undefined,
    tag: undefined,
    registry: 'reg.example:5000',
    repository: undefined,
    createRepository: false,
    ...given,
  };
}

/** A daemon with one image, and what happened to it. */
function daemon(given: Partial<Docker> = {}) {
  const happened: string[] = [];
  const logins: RegistryLogin[] = [];
  const docker: Docker = fakeDocker({
    imagesLabelled: async (name, value) => (`${name}=${value}` === 'dev.mlops.project=flights' ? [details.id] : []),
    inspectImage: async (reference) => (reference === details.id ? details : undefined),
    tag: async (source, target) => void happened.push(`tag ${source.slice(0, 11)} ${target}`),
    push: async (reference) => {
      happened.push(`push ${reference}`);
      return digest;
    },
    loggedIn: async (login, work) => {
      logins.push(login);
      return await work(docker);
    },
    ...given,
  });
  return { docker, happened, logins };
}

test('the newest image of the project goes out under the tag of its content', async () => {
  const { docker, happened, logins } = daemon();
  const pushed = await pushImage(options(), imageDeps({ docker }));
  expect(pushed).toMatchObject({
    image: `reg.example:5000/flights:${tag}`,
    reference: `reg.example:5000/flights@${digest}`,
    tag,
    digest,
    imageId: details.id,
    alreadyThere: false,
  });
  expect(happened).toEqual([`tag sha256:1a1a reg.example:5000/flights:${tag}`, `push reg.example:5000/flights:${tag}`]);
  expect(logins).toEqual([]);
});

test('Artifact Registry takes the token of gcloud, ECR that of the SDK', async () => {
  const gcp = daemon();
  const deps = imageDeps({ docker: gcp.docker, gcpToken: async () => 'ya29.token' });
  await pushImage(options({ registry: 'europe-docker.pkg.dev/p/r' }), deps);
  expect(gcp.logins).toEqual([
    { registry: 'europe-docker.pkg.dev', username: 'oauth2accesstoken', password: 'ya29.token' },
  ]);
  expect(gcp.happened.at(-1)).toBe(`push europe-docker.pkg.dev/p/r/flights:${tag}`);

  const aws = daemon();
  const created: string[] = [];
  const registry = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
  const ecr: ImageDeps['ecr'] = () => ({
    login: async () => ({ registry, username: 'AWS', password: 'token' }),
    createRepository: async (name) => created.push(name) > 0,
  });
  await pushImage(options({ registry: 'ecr' }), imageDeps({ docker: aws.docker, ecr }));
  expect(created).toEqual([]);
  expect(aws.logins).toEqual([{ registry, username: 'AWS', password: 'token' }]);
  expect(aws.happened.at(-1)).toBe(`push ${registry}/flights:${tag}`);
  const asked = imageDeps({ docker: aws.docker, ecr });
  await pushImage(options({ registry: 'ecr', createRepository: true }), asked);
  expect(created).toEqual(['flights']);
  expect(asked.said).toEqual([`Created the repository flights in ${registry}`]);
});

describe('a registry whose tags do not move', () => {
  const immutable = async () => {
    throw new OperationError('taken', { code: 'TAG_IMMUTABLE' });
  };

  test('has the content already when it has the tag of the content: its digest is asked for', async () => {
    const image = `reg.example:5000/flights:${tag}`;
    const pulled: string[] = [];
    const { docker } = daemon({
      push: immutable,
      pull: async (reference) => void pulled.push(reference),
      inspectImage: async (reference) =>
        reference === image ? imageDetails({ repoDigests: [`reg.example:5000/flights@${digest}`] }) : details,
    });
    const pushed = await pushImage(options(), imageDeps({ docker }));
    expect(pulled).toEqual([image]);
    expect(pushed).toMatchObject({ alreadyThere: true, digest, reference: `reg.example:5000/flights@${digest}` });
  });

  test('that is Docker Hub is not part of the name that Docker gives the digest', async () => {
    const { docker } = daemon({
      push: immutable,
      pull: async () => undefined,
      inspectImage: async () => imageDetails({ repoDigests: [`me/flights@${digest}`] }),
    });
    const pushed = await pushImage(options({ registry: 'docker.io/me' }), imageDeps({ docker }));
    expect(pushed).toMatchObject({ digest, reference: `docker.io/me/flights@${digest}` });
  });

  test('refuses a tag that a person chose', async () => {
    const { docker } = daemon({ push: immutable });
    expect(await errorOf(() => pushImage(options({ tag: 'v1' }), imageDeps({ docker })))).toMatchObject({
      code: 'TAG_IMMUTABLE',
    });
  });
});

test.each([
  ['the one it was built with here', {}, ['flights:v1'], 'v1'],
  ['that of the content, where it has several', {}, ['flights:v1', 'flights:v2'], tag],
  ['not that of another name', {}, ['reg.example/flights:v1'], tag],
  ['that of the image that was named', { image: 'flights:v2' }, ['flights:v1', 'flights:v2'], 'v2'],
  ['that of the content for an image by its id', { image: details.id }, [], tag],
  ['the one that is asked for, before all', { image: 'flights:v2', tag: 'v3' }, ['flights:v2'], 'v3'],
])('the tag is %s', async (_name, given, tags, expected) => {
  const { docker, happened } = daemon({ inspectImage: async () => imageDetails({ tags }) });
  expect((await pushImage(options(given), imageDeps({ docker }))).tag).toBe(expected);
  expect(happened.at(-1)).toBe(`push reg.example:5000/flights:${expected}`);
});

test.each([
  [{ tag: 'no/tag' }, 'TAG_INVALID'],
  [{ tag: '.x' }, 'TAG_INVALID'],
  [{ image: 'gone:1' }, 'IMAGE_NOT_FOUND'],
])('%o is wrong usage: %s', async (given, code) => {
  const { docker } = daemon();
  expect(await errorOf(() => pushImage(options(given), imageDeps({ docker })))).toMatchObject({ code, exitCode: 2 });
});

test('before anything was built, it says how', async () => {
  const { docker } = daemon({ imagesLabelled: async () => [] });
  const error = await errorOf(() => pushImage(options(), imageDeps({ docker })));
  expect(error).toMatchObject({ code: 'NOT_BUILT_YET', actions: ['mlops build --push'] });
});

test('the tag is of everything that runs: layers, base, platform and configuration, but not of when it was built', () => {
  const same = imageDetails({ id: 'sha256:other', created: '2027-01-01T00:00:00Z', labels: { a: 'b' }, tags: ['x:y'] });
  expect(contentTag('3', same)).toBe(tag);
  expect(tag).toMatch(/^3-[0-9a-f]{12}$/);
  const others = [
    imageDetails({ layers: ['sha256:newer-base', ...details.layers.slice(1)] }),
    imageDetails({ architecture: 'arm64' }),
    imageDetails({ config: { Cmd: ['other'] } }),
  ];
  expect(new Set([tag, ...others.map((other) => contentTag('3', other))]).size).toBe(4);
  expect(contentTag('2026-01-31+build', details)).toMatch(/^2026-01-31-build-/);
});
