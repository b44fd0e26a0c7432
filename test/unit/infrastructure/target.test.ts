import { expect, test } from 'vitest';
import { explicitVariables, projectVariables, resolveTarget } from '../../../src/lib/infrastructure/target.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { errorOf } from '../../support/errors.js';

const none = { cloud: undefined, set: [] };

test('the cloud is the flag, then mlops.yaml, then the one that mlops.yaml describes, then AWS', () => {
  const gcp = parseProject('gcp: { project: p, region: europe-west1 }');
  expect(resolveTarget(parseProject(''), none, {})).toEqual({ cloud: 'aws', region: 'us-east-1', profile: undefined });
  expect(resolveTarget(gcp, none, {})).toEqual({ cloud: 'gcp', region: 'europe-west1', project: 'p' });
  expect(resolveTarget(gcp, { ...none, cloud: 'aws' }, {})).toMatchObject({ cloud: 'aws' });
  const both = parseProject('cloud: aws\naws: { region: eu-west-1, profile: team }\ngcp: { project: p, region: r }');
  expect(resolveTarget(both, none, {})).toEqual({ cloud: 'aws', region: 'eu-west-1', profile: 'team' });
});

test('the region is --set, then mlops.yaml, then the environment of the cloud', () => {
  const config = parseProject('aws: { region: eu-west-1 }');
  const env = { AWS_REGION: 'ap-south-1' };
  expect(resolveTarget(config, { ...none, set: ['region=eu-north-1'] }, env).region).toBe('eu-north-1');
  expect(resolveTarget(config, none, env).region).toBe('eu-west-1');
  expect(resolveTarget(parseProject(''), none, env).region).toBe('ap-south-1');
  expect(resolveTarget(parseProject(''), none, { AWS_DEFAULT_REGION: 'sa-east-1' }).region).toBe('sa-east-1');
});

test('Google Cloud without a project asks for one', async () => {
  const error = await errorOf(() => resolveTarget(parseProject(''), { ...none, cloud: 'gcp' }, {}));
  expect(error).toMatchObject({ code: 'GCP_PROJECT_MISSING', exitCode: 2 });
  const given = resolveTarget(parseProject(''), { cloud: 'gcp', set: ['project=a'] }, { GOOGLE_CLOUD_PROJECT: 'b' });
  expect(given).toMatchObject({ project: 'a', region: 'us-central1' });
});

test('features of mlops.yaml are switches, variables are variables', () => {
  const config = parseProject(
    'infrastructure: { features: { pipeline: true }, variables: { zone_count: 2, tags: { a: b } } }',
  );
  expect(explicitVariables(config)).toEqual({ enable_pipeline: true, zone_count: 2, tags: { a: 'b' } });
  const target = resolveTarget(config, none, {});
  expect(projectVariables(config, target)).toEqual({ name: 'mlops', region: 'us-east-1' });
});
