import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DescribeInstancesCommand, DescribeNatGatewaysCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
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

/** What carries the project's tag and was not meant to stay: as the account says it, not our own sweep. */
async function leftInAccount(stack: AwsStack, { kept, leftovers }: DestroyResult): Promise<string[]> {
  const meant = [...kept, ...(leftovers?.pending ?? [])].map(({ arn }) => arn);
  const tagging = new ResourceGroupsTaggingAPIClient(stack.settings);
  const TagFilters = [{ Key: 'mlops:project', Values: [stack.name] }];
  const { ResourceTagMappingList = [] } = await tagging.send(new GetResourcesCommand({ TagFilters }));
  const arns = ResourceTagMappingList.map(({ ResourceARN = '' }) => ResourceARN).filter((arn) => !meant.includes(arn));
  // These two stay listed for an hour after their end.
  const ec2 = new EC2Client(stack.settings);
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  const { NatGateways = [] } = await ec2.send(new DescribeNatGatewaysCommand({}));
  const dead = [
    ...Reservations.flatMap(({ Instances = [] }) => Instances.filter(({ State }) => State?.Name === 'terminated')),
    ...NatGateways.filter(({ State }) => State === 'deleted'),
  ].map((item) => ('InstanceId' in item ? item.InstanceId : (item as { NatGatewayId?: string }).NatGatewayId));
  return arns.filter((arn) => !dead.includes(arn.replace(/^.*\//, '')));
}

async function applyTwice(stack: AwsStack, ...args: string[]): Promise<ProvisionResult> {
  const made = await stack.provision<ProvisionResult>('--yes', ...args);
  expect(made).toMatchObject({ action: 'apply', plan: { counts: { change: 0, replace: 0, destroy: 0 } } });
  expect(made.applied?.created).toBe(made.plan.counts.create);
  expect(unexplained(await stack.provision<ProvisionResult>('--dry-run', ...args))).toEqual([]);
  return made;
}

async function expectEmptyState(stack: AwsStack): Promise<void> {
  const state = await readFile(join(stack.infra, 'terraform.tfstate'), 'utf8');
  expect(JSON.parse(state)).toMatchObject({ resources: [] });
}

describe.skipIf(!hasTerraform || !hasMoto)('the AWS stack', { timeout: 400_000 }, () => {
  const stacks: AwsStack[] = [];
  const create = async (name: string) => {
    const stack = await AwsStack.create(name);
    stacks.push(stack);
    return stack;
  };
  afterAll(() => Promise.all(stacks.map((stack) => stack.dispose())));

  test.concurrent('by default: apply, converge, destroy all but the data, take it in again, give it up', async () => {
    const stack = await create('demo');
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
    expect(await leftInAccount(stack, destroyed)).toEqual([]);
    expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual([Bucket]);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'recordings/a.wav' }));
    expect(await Body?.transformToString()).toBe('kept');

    const again = await stack.provision<ProvisionResult>('--dry-run');
    const bucketAgain = again.plan.changes.find(({ address }) => address === 'aws_s3_bucket.data[0]');
    expect(bucketAgain?.action).toBe('import');
    const given = await stack.provision<DestroyResult>('--destroy', '--yes', '--delete-data', Bucket);
    expect(given.deletedData).toEqual({ bucket: Bucket, objects: 1 });
    expect((await s3.send(new ListBucketsCommand({}))).Buckets).toEqual([]);
  });

  test.concurrent('with the pipeline and its functions: apply, converge, destroy everything', async () => {
    const stack = await create('pipe');
    const pipeline = ['--set', 'enable_pipeline=true', '--set', `transcribe_image_uri=${image}`];
    const made = await applyTwice(stack, ...pipeline);
    expect(made.outputs).toMatchObject({
      transcribe_function_name: { value: expect.any(String) },
      load_function_name: { value: expect.any(String) },
      queue_url: { value: expect.any(String) },
    });
    expect(made.outputs).not.toHaveProperty('next_step');
    // After the apply every value is known, policies of roles and queues included.
    const planned = plannedResources(await stack.plan());
    expect(planned).toHaveLength(made.plan.counts.create);
    expect(checkPolicies(planned)).toEqual([]);
    const destroyed = await stack.provision<DestroyResult>('--destroy', '--yes', ...pipeline);
    expect(destroyed).toMatchObject({ kept: [], leftovers: { left: [] } });
    expect(destroyed.destroyed).toHaveLength(made.plan.counts.create);
    await expectEmptyState(stack);
    expect(await leftInAccount(stack, destroyed)).toEqual([]);
    expect((await new S3Client(stack.settings).send(new ListBucketsCommand({}))).Buckets).toEqual([]);
  });

  test.concurrent('with everything switched on: the first plan keeps the policies', async () => {
    const stack = await create('all');
    const switches = ['pipeline', 'warehouse', 'ci', 'budget', 'fixed_address'].map((name) => `enable_${name}=true`);
    const given = ['github_repository=owner/name', 'budget_emails=["a@example.com"]', `transcribe_image_uri=${image}`];
    const set = [...switches, ...given].flatMap((pair) => ['--set', pair]);
    const { plan } = await stack.provision<ProvisionResult>('--dry-run', ...set);
    expect(plan.changes.map(({ kind }) => kind)).toContain('aws_redshiftserverless_namespace');
    expect(checkPolicies(plannedResources(await stack.plan()))).toEqual([]);
    const provisioned = plannedResources(await stack.plan('-var=warehouse_type=provisioned'));
    expect(provisioned.map(({ type }) => type)).toContain('aws_redshift_cluster');
    expect(checkPolicies(provisioned)).toEqual([]);
  });
});
