import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DescribeInstancesCommand, DescribeNatGatewaysCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import type { DestroyResult } from '../../../src/lib/infrastructure/destroy/destroy.js';
import type { ProvisionResult } from '../../../src/lib/infrastructure/provision.js';
import { AwsStack } from '../../support/aws-stack.js';
import { hasMoto } from '../../support/moto.js';
import { checkPolicies } from '../../support/plan-policy.js';
import { plannedResources } from '../../support/planned-resources.js';
import { countKubernetesMade, plantKubernetesMade } from '../../support/plant-kubernetes.js';
import { hasTerraform } from '../../support/terraform.js';
import motoDrift from './moto-drift.json' with { type: 'json' };

// The templates as they are shipped, driven by `mlops provision` against moto. It shows that they parse, wire and
// converge, not that AWS would accept them. Most of the time goes into the provider's own waiting, so the two run at once.

const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/functions@sha256:${'a'.repeat(64)}`;

/** Changes of a second plan that moto does not explain. */
function unexplained({ plan }: ProvisionResult): string[] {
  return plan.changes.flatMap(({ address, action, attributes }) => {
    const known = motoDrift.find((drift) => drift.address === address);
    const names = attributes.map(({ path }) => path.replace(/[.[].*$/, ''));
    if (action === 'change' && names.every((name) => known?.attributes.includes(name))) return [];
    return [`${action} ${address}: ${names.join(', ')}`];
  });
}

async function applyTwice(stack: AwsStack, ...args: string[]): Promise<ProvisionResult> {
  const made = await stack.provision<ProvisionResult>('--yes', ...args);
  expect(made).toMatchObject({ action: 'apply', plan: { counts: { change: 0, replace: 0, destroy: 0 } } });
  expect(made.applied?.created).toBe(made.plan.counts.create);
  expect(unexplained(await stack.provision<ProvisionResult>('--dry-run', ...args))).toEqual([]);
  return made;
}

/** What the account holds and did not hold before, by moto's own memory: our sweep asks the tagging API, which knows less. */
async function leftInAccount(stack: AwsStack, before: Record<string, string[]>): Promise<string[]> {
  const after = Object.entries(await stack.moto.holdings());
  const left = after.flatMap(([kind, names]) =>
    names.filter((name) => !before[kind]?.includes(name)).map((name) => `${kind}: ${name}`),
  );
  // These two stay listed for an hour after their end.
  const ec2 = new EC2Client(stack.settings);
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  const { NatGateways = [] } = await ec2.send(new DescribeNatGatewaysCommand({}));
  const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
  return [
    ...left,
    ...instances.flatMap(({ State, InstanceId }) => (State?.Name === 'terminated' ? [] : `instance: ${InstanceId}`)),
    ...NatGateways.flatMap(({ State, NatGatewayId }) => (State === 'deleted' ? [] : `NAT gateway: ${NatGatewayId}`)),
  ];
}

/** Of what is there, where every value is known, and of the plan that adds all the rest. */
async function expectPolicies(stack: AwsStack, count: number): Promise<void> {
  const there = plannedResources(await stack.state());
  expect(there).toHaveLength(count);
  expect(checkPolicies(there)).toEqual([]);
  const switches = ['eks', 'compute', 'warehouse', 'ci', 'budget', 'fixed_address'].map(
    (name) => `enable_${name}=true`,
  );
  const given = ['github_repository=owner/name', 'budget_emails=["a@example.com"]'];
  const rest = [...switches, ...given].map((pair) => `-var=${pair}`);
  const planned = plannedResources(await stack.plan(...rest));
  expect(planned.map(({ type }) => type)).toContain('aws_redshiftserverless_namespace');
  expect(checkPolicies(planned)).toEqual([]);
}

async function expectEmptyState(stack: AwsStack): Promise<void> {
  const state = await readFile(join(stack.infra, 'terraform.tfstate'), 'utf8');
  expect(JSON.parse(state)).toMatchObject({ resources: [] });
}

describe.skipIf(!hasTerraform || !hasMoto)('the AWS stack', { timeout: 900_000 }, () => {
  const stacks: AwsStack[] = [];
  const create = async (name: string) => {
    const stack = await AwsStack.create(name);
    stacks.push(stack);
    return stack;
  };
  afterAll(() => Promise.all(stacks.map((stack) => stack.dispose())));

  test.concurrent('by default: apply, converge, destroy all but the data, take it in again, give it up', async () => {
    const stack = await create('demo');
    const before = await stack.moto.holdings();
    const made = await applyTwice(stack);
    const output = (name: string) => made.outputs?.[name]?.value as string;
    expect([output('s3_bucket_name'), output('eks_cluster_name'), output('ec2_instance_id')]).toEqual([
      'demo-data-123456789012-us-east-1',
      'demo',
      expect.stringMatching(/^i-/),
    ]);

    const Bucket = output('s3_bucket_name');
    const s3 = new S3Client(stack.settings);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'recordings/a.wav', Body: 'kept' }));
    const subnets = made.outputs?.private_subnet_ids?.value as string[];
    await plantKubernetesMade(stack.settings, { cluster: 'demo', vpc: output('vpc_id'), subnets });
    const elsewhere = await stack.run('--destroy', '--yes', '--set', 'region=eu-west-1');
    expect(JSON.parse(elsewhere.stdout)).toMatchObject({ error: { code: 'WRONG_REGION' } });

    const destroyed = await stack.provision<DestroyResult>('--destroy', '--yes');
    expect(destroyed.kubernetesMade.map(({ kind }) => kind).sort()).toEqual([
      'load balancer',
      'load balancer',
      'network interface',
      'security group',
      'target group',
      'volume',
    ]);
    expect(Object.values(await countKubernetesMade(stack.settings, 'demo'))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(destroyed.kept.map(({ kind }) => kind).sort()).toEqual(['bucket', 'key']);
    expect(destroyed.leftovers?.left).toEqual([]);
    await expectEmptyState(stack);
    expect(await leftInAccount(stack, before)).toEqual([`s3 buckets: ${Bucket}`]);
    // moto decrypts nothing: that the object can be read takes the key as well.
    const KeyId = output('data_key_arn');
    const { KeyMetadata } = await new KMSClient(stack.settings).send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata?.KeyState).toBe('Enabled');
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'recordings/a.wav' }));
    expect(await Body?.transformToString()).toBe('kept');

    const again = await stack.provision<ProvisionResult>('--dry-run');
    const bucketAgain = again.plan.changes.find(({ address }) => address === 'aws_s3_bucket.data[0]');
    expect(bucketAgain?.action).toBe('import');
    const given = await stack.provision<DestroyResult>('--destroy', '--yes', '--delete-data', Bucket);
    expect(given.deletedData).toEqual({ bucket: Bucket, objects: 1 });
    expect((await s3.send(new ListBucketsCommand({}))).Buckets).toEqual([]);
  });

  test.concurrent('with the pipeline and its functions: apply, converge, keep the policies, destroy everything', async () => {
    const stack = await create('pipe');
    const before = await stack.moto.holdings();
    // The cluster and the instance are the other stack's.
    const off = ['--set', 'enable_eks=false', '--set', 'enable_compute=false'];
    const pipeline = [...off, '--set', 'enable_pipeline=true', '--set', `transcribe_image_uri=${image}`];
    const made = await applyTwice(stack, ...pipeline);
    expect(made.outputs).toMatchObject({
      transcribe_function_name: { value: expect.any(String) },
      load_function_name: { value: expect.any(String) },
      queue_url: { value: expect.any(String) },
    });
    expect(made.outputs).not.toHaveProperty('next_step');
    await expectPolicies(stack, made.plan.counts.create);

    const Bucket = made.outputs?.s3_bucket_name?.value as string;
    await new S3Client(stack.settings).send(new PutObjectCommand({ Bucket, Key: 'recordings/a.wav', Body: 'x' }));
    const refused = await stack.run('--yes', ...off, '--set', 'enable_storage=false');
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'DATA_AT_RISK', exitCode: 1 } });

    const destroyed = await stack.provision<DestroyResult>('--destroy', '--yes', '--delete-data', Bucket);
    expect(destroyed).toMatchObject({ kept: [], leftovers: { left: [] } });
    expect(destroyed.destroyed).toHaveLength(made.plan.counts.create);
    await expectEmptyState(stack);
    expect(await leftInAccount(stack, before)).toEqual([]);
  });
});
