import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { explicitVariables, projectVariables, resolveTarget } from '../../../src/lib/infrastructure/target.js';
import { configuredRegion } from '../../../src/lib/platform/aws/region.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import type { ProjectConfig } from '../../../src/lib/project/schema.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

type ConfiguredRegion = Parameters<typeof resolveTarget>[3];

const none = { cloud: undefined, set: [] };
const nothing = async () => undefined;
type Options = Parameters<typeof resolveTarget>[1];
const target = (config: ProjectConfig, options: Options = none, env = {}, configured: ConfiguredRegion = nothing) =>
  resolveTarget(config, options, env, configured);

test('the cloud is the flag, then mlops.yaml, then the one that mlops.yaml describes, then AWS', async () => {
  const gcp = parseProject('gcp: { project: p, region: europe-west1 }');
  const aws = { cloud: 'aws', region: 'us-east-1', profile: undefined };
  expect(await target(parseProject(''))).toEqual(aws);
  expect(await target(gcp)).toEqual({ cloud: 'gcp', region: 'europe-west1', project: 'p' });
  expect(await target(gcp, { ...none, cloud: 'aws' })).toMatchObject({ cloud: 'aws' });
  const both = parseProject('cloud: aws\naws: { region: eu-west-1, profile: team }\ngcp: { project: p, region: r }');
  expect(await target(both)).toEqual({ cloud: 'aws', region: 'eu-west-1', profile: 'team' });
});

test('the region is --set, then mlops.yaml, then the environment, then the configuration of the profile', async () => {
  const config = parseProject('aws: { region: eu-west-1 }');
  const env = { AWS_REGION: 'ap-south-1' };
  const region = async (...args: Parameters<typeof target>) => (await target(...args)).region;
  const configured = async () => 'eu-central-1';
  expect(await region(config, { ...none, set: ['region=eu-north-1'] }, env, configured)).toBe('eu-north-1');
  expect(await region(config, none, env, configured)).toBe('eu-west-1');
  expect(await region(parseProject(''), none, env, configured)).toBe('ap-south-1');
  expect(await region(parseProject(''), none, { AWS_DEFAULT_REGION: 'sa-east-1' }, configured)).toBe('sa-east-1');
  expect(await region(parseProject(''), none, {}, configured)).toBe('eu-central-1');
});

test('the configuration of a profile is read where the tools of AWS read it', async () => {
  const file = join(await tempDir(), 'config');
  await writeFile(file, '[default]\nregion = eu-north-1\n[profile team]\nregion = eu-central-1\n[profile bare]\n');
  vi.stubEnv('AWS_CONFIG_FILE', file);
  for (const name of ['AWS_REGION', 'AWS_PROFILE']) vi.stubEnv(name, undefined);
  expect(await configuredRegion()).toBe('eu-north-1');
  vi.stubEnv('AWS_PROFILE', 'team');
  expect(await configuredRegion()).toBe('eu-central-1');
  vi.stubEnv('AWS_PROFILE', 'bare');
  expect(await configuredRegion()).toBeUndefined();
});

test('Google Cloud without a project asks for one', async () => {
  const error = await errorOf(() => target(parseProject(''), { ...none, cloud: 'gcp' }));
  expect(error).toMatchObject({ code: 'GCP_PROJECT_MISSING', exitCode: 2 });
  const given = await target(parseProject(''), { cloud: 'gcp', set: ['project=a'] }, { GOOGLE_CLOUD_PROJECT: 'b' });
  expect(given).toMatchObject({ project: 'a', region: 'us-central1' });
});

test('features of mlops.yaml are switches, variables are variables', async () => {
  const config = parseProject(
    'infrastructure: { features: { pipeline: true }, variables: { zone_count: 2, tags: { a: b } } }',
  );
  expect(explicitVariables(config)).toEqual({ enable_pipeline: true, zone_count: 2, tags: { a: 'b' } });
  expect(projectVariables(config, await target(config))).toEqual({ name: 'mlops', region: 'us-east-1' });
});
