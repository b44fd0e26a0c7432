import { expect, test } from 'vitest';
import { requireSamePlace } from '../../../src/lib/infrastructure/preflight/same-place.js';
import { provision } from '../../../src/lib/infrastructure/provision.js';
import { managedResources } from '../../../src/lib/infrastructure/state.js';
import { errorOf } from '../../support/errors.js';
import { fakeTerraform } from '../../support/fake-terraform.js';
import { plainProvision, projectWith, testDeps } from '../../support/infrastructure-deps.js';
import { rawState } from '../../support/raw-state.js';

const raw = rawState([
  ['aws_iam_role.a', { arn: 'arn:aws:iam::111111111111:role/demo' }],
  ['aws_eks_cluster.a', { arn: 'arn:aws:eks:eu-central-1:111111111111:cluster/demo' }],
  ['aws_s3_bucket.a', { arn: 'arn:aws:s3:::demo-data' }],
  ['terraform_data.a', {}],
]);
const state = managedResources(raw);
const home = { account: '111111111111', region: 'eu-central-1' };
const check = (given: typeof state, here: typeof home) =>
  errorOf(async () => requireSamePlace(given, here, 'infra/aws'));

test('a state is worked on where it lies, and one that lies nowhere yet anywhere', () => {
  requireSamePlace(state, home, 'infra/aws');
  for (const none of [[], state.slice(2)]) {
    requireSamePlace(none, { account: '3', region: 'x' }, 'infra/aws');
  }
});

test('another account is refused as a prerequisite, another region as a wrong setting', async () => {
  const account = await check(state, { ...home, account: '222222222222' });
  expect(account).toMatchObject({ code: 'WRONG_ACCOUNT', exitCode: 5 });
  expect(account.message + account.why).toMatch(/222222222222.*111111111111/);
  const region = await check(state, { ...home, region: 'us-west-2' });
  expect(region).toMatchObject({ code: 'WRONG_REGION', exitCode: 2 });
  expect(region.actions[0]).toContain('aws: { region: eu-central-1 }');
});

test('it is found out before anything is planned', async () => {
  const project = await projectWith('aws', { 'main.tf': 'variable "name" {}' });
  const terraform = fakeTerraform({ state: () => ({ stdout: JSON.stringify(raw) }) });
  const error = await errorOf(() => provision({ ...plainProvision, project }, testDeps({ runner: terraform.runner })));
  expect(error.code).toBe('WRONG_ACCOUNT');
  expect(terraform.commands()).toEqual(['version', 'init', 'state pull']);
});
