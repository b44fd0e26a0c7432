import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type RegistryOptions, resolveRegistry } from '../../../src/lib/image/registry/resolve.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

async function resolve(yaml: string, given: Partial<RegistryOptions> = {}, outputs: Record<string, object> = {}) {
  const dir = await tempDir();
  for (const [cloud, values] of Object.entries(outputs)) {
    await mkdir(join(dir, 'infra', cloud), { recursive: true });
    await writeFile(join(dir, 'infra', cloud, 'outputs.json'), JSON.stringify(values));
  }
  const project = { file: undefined, dir, config: parseProject(`name: flights\n${yaml}`) };
  return await resolveRegistry({ project, registry: undefined, repository: undefined, env: {}, ...given });
}

const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const made = { aws: { ecr_repository_url: `${host}/flights-service` } };

test.each([
  [
    'ecr',
    { registry: 'ecr' },
    {},
    { kind: 'ecr', prefix: undefined, repository: 'flights', aws: { region: 'us-east-1' } },
  ],
  [
    'ecr',
    { registry: 'ecr' },
    made,
    { kind: 'ecr', prefix: host, repository: 'flights-service', aws: { region: 'eu-west-1' } },
  ],
  ['ecr', { registry: 'ecr', repository: 'other' }, made, { kind: 'ecr', prefix: host, repository: 'other' }],
  ['nothing, provisioned on AWS', {}, made, { kind: 'ecr', prefix: host, repository: 'flights-service' }],
  [
    'ecr by its host',
    { registry: host },
    {},
    { kind: 'ecr', prefix: host, repository: 'flights', aws: { region: 'eu-west-1' } },
  ],
  [
    'ecr by its host and a path',
    { registry: `${host}/team` },
    {},
    { kind: 'ecr', prefix: host, repository: 'team/flights' },
  ],
  [
    'nothing, provisioned on GCP',
    {},
    { gcp: { artifact_registry_url: 'europe-west1-docker.pkg.dev/p/flights' } },
    { kind: 'artifact-registry', prefix: 'europe-west1-docker.pkg.dev/p/flights', repository: 'flights' },
  ],
  [
    'artifact registry by its host',
    { registry: 'us-docker.pkg.dev/p/r' },
    {},
    { kind: 'artifact-registry', prefix: 'us-docker.pkg.dev/p/r', repository: 'flights' },
  ],
  ['docker hub', { registry: 'docker.io/me' }, {}, { kind: 'other', prefix: 'docker.io/me', repository: 'flights' }],
  [
    'a host and port',
    { registry: '127.0.0.1:5000' },
    {},
    { kind: 'other', prefix: '127.0.0.1:5000', repository: 'flights' },
  ],
  [
    'a path',
    { registry: 'ghcr.io/team', repository: 'a/b_c' },
    {},
    { kind: 'other', prefix: 'ghcr.io/team', repository: 'a/b_c' },
  ],
])('%s', async (_name, given, outputs, expected) => {
  expect(await resolve('', given, outputs)).toMatchObject(expected);
});

test('mlops.yaml says it for every command; a flag comes first', async () => {
  const yaml = 'image: { registry: docker.io/me, repository: model }';
  expect(await resolve(yaml)).toMatchObject({ prefix: 'docker.io/me', repository: 'model' });
  expect(await resolve(yaml, { registry: 'localhost:5000' })).toMatchObject({ prefix: 'localhost:5000' });
});

test('region and project come from mlops.yaml, then from the environment', async () => {
  const aws = await resolve('aws: { region: eu-north-1, profile: team }', { registry: 'ecr' });
  expect(aws.aws).toEqual({ region: 'eu-north-1', profile: 'team' });
  expect((await resolve('', { registry: 'ecr', env: { AWS_REGION: 'ap-south-1' } })).aws?.region).toBe('ap-south-1');
  const gcp = await resolve('gcp: { project: p, region: europe-west4 }', { registry: 'artifact-registry' });
  expect(gcp.prefix).toBe('europe-west4-docker.pkg.dev/p/flights');
  const fromEnv = await resolve('', { registry: 'artifact-registry', env: { GOOGLE_CLOUD_PROJECT: 'q' } });
  expect(fromEnv.prefix).toBe('us-central1-docker.pkg.dev/q/flights');
});

test.each([
  [{}, 'REGISTRY_MISSING'],
  [{ registry: 'docker' }, 'REGISTRY_INVALID'],
  [{ registry: 'https://ghcr.io' }, 'REGISTRY_INVALID'],
  [{ registry: 'ghcr.io/Team' }, 'REGISTRY_INVALID'],
  [{ registry: 'docker.io/me', repository: 'Flights' }, 'REPOSITORY_INVALID'],
  [{ registry: 'docker.io/me', repository: 'a b' }, 'REPOSITORY_INVALID'],
  [{ registry: 'artifact-registry' }, 'GCP_TARGET_MISSING'],
])('%o is wrong usage: %s', async (given, code) => {
  const error = await errorOf(() => resolve('', given));
  expect(error).toMatchObject({ code, exitCode: 2 });
  expect(error.actions.length).toBeGreaterThan(0);
});
