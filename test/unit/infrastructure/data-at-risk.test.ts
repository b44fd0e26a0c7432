import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { provision } from '../../../src/lib/infrastructure/provision.js';
import { errorOf } from '../../support/errors.js';
import { fakeAws } from '../../support/fake-aws.js';
import { fakeTerraform } from '../../support/fake-terraform.js';
import { plainProvision, projectWith, testDeps } from '../../support/infrastructure-deps.js';
import { rawState } from '../../support/raw-state.js';

const rule = [{ apply_server_side_encryption_by_default: [{ kms_master_key_id: 'arn:key/k1' }] }];
const state = [
  ['aws_s3_bucket.data[0]', { id: 'full', bucket: 'full', arn: 'arn:aws:s3:::full', force_destroy: false }],
  ['aws_s3_bucket_versioning.data[0]', { id: 'full', bucket: 'full' }],
  ['aws_s3_bucket_server_side_encryption_configuration.data[0]', { id: 'full', bucket: 'full', rule }],
  ['aws_kms_key.data[0]', { id: 'k1', key_id: 'k1', arn: 'arn:key/k1' }],
  ['aws_s3_bucket.spare', { id: 'spare', bucket: 'spare', arn: 'arn:aws:s3:::spare', force_destroy: false }],
  ['aws_kms_key.other', { id: 'k2', key_id: 'k2', arn: 'arn:key/k2' }],
] as const;

/** Provisions with a plan that deletes (or replaces) these addresses; only the bucket `full` holds objects. */
async function run(doomed: readonly string[], given: { dryRun?: boolean; replace?: boolean } = {}) {
  const project = await projectWith('aws', { 'main.tf': 'variable "name" {}' });
  const actions = given.replace === true ? ['delete', 'create'] : ['delete'];
  const changes = doomed.map((address) => {
    return { address, type: address.split('.')[0], mode: 'managed', change: { actions, before: {} } };
  });
  const terraform = fakeTerraform({
    plan: async ({ args }) => {
      await writeFile(args.find((arg) => arg.startsWith('-out='))?.slice(5) ?? '', '');
      return {};
    },
    show: () => ({ stdout: JSON.stringify({ resource_changes: changes }) }),
    state: () => ({ stdout: JSON.stringify(rawState(state)) }),
  });
  const aws = () =>
    fakeAws({
      sts: { callerIdentity: async () => ({ account: '1', arn: 'arn:me' }) },
      s3: { isEmpty: async (bucket) => bucket !== 'full' },
    });
  const deps = testDeps({ runner: terraform.runner, aws });
  const work = () => provision({ ...plainProvision, project, dryRun: given.dryRun === true }, deps);
  return { work, commands: terraform.commands, said: deps.said };
}

const storage = state.slice(0, 4).map(([address]) => address);

test('a plan that would take a bucket with objects and its key away is refused, with the ways on', async () => {
  const { work, commands } = await run(storage);
  const error = await errorOf(work);
  expect(error).toMatchObject({ code: 'DATA_AT_RISK', exitCode: 1 });
  expect(error.why).toContain('bucket arn:aws:s3:::full (it holds objects)');
  expect(error.why).toContain('key arn:key/k1 (without it bucket full cannot be read)');
  expect(error.actions[1]).toContain("terraform -chdir=infra/aws state rm 'aws_s3_bucket.data[0]'");
  expect(error.actions[2]).toContain('--delete-data full');
  expect(commands()).not.toContain('apply');
});

test('the key alone is enough, and a replacement is a loss too', async () => {
  for (const [doomed, kept] of [
    ['aws_kms_key.data[0]', 'arn:key/k1'],
    ['aws_s3_bucket.data[0]', 'arn:aws:s3:::full'],
  ] as const) {
    const { work } = await run([doomed], { replace: true });
    expect((await errorOf(work)).why).toContain(kept);
  }
});

test('what is empty, or needed by nothing, may go; a guard may be changed', async () => {
  const { work, commands } = await run([
    'aws_s3_bucket.spare',
    'aws_kms_key.other',
    'aws_s3_bucket_versioning.data[0]',
  ]);
  await work();
  expect(commands()).toContain('apply');
});

test('a dry run says that it would be refused', async () => {
  const { work, said } = await run(storage, { dryRun: true });
  expect((await work()).action).toBe('plan');
  expect(said.join()).toContain('would take away data, so it would be refused: bucket arn:aws:s3:::full');
});

test('a plan that takes no bucket and no key away asks nobody', async () => {
  const { work, commands } = await run(['aws_s3_bucket_versioning.data[0]']);
  await work();
  expect(commands()).toContain('apply');
});
