import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { OperationError } from '../../../src/lib/base/errors/mlops-error.js';
import { destroy } from '../../../src/lib/infrastructure/destroy/destroy.js';
import { destroyLines } from '../../../src/lib/infrastructure/result-lines.js';
import type { AwsCloud } from '../../../src/lib/platform/aws/cloud.js';
import { errorOf } from '../../support/errors.js';
import { fakeAws } from '../../support/fake-aws.js';
import { fakeTerraform } from '../../support/fake-terraform.js';
import { answering, projectWith, testDeps } from '../../support/infrastructure-deps.js';
import { rawState } from '../../support/raw-state.js';

const files = { 'main.tf': 'variable "name" {}\n', 'outputs.json': '{}' };
const options = { cloud: undefined, set: [], backend: undefined, deleteData: undefined, dryRun: false };

const stateResources = [
  ['aws_s3_bucket.data', { id: 'full', bucket: 'full', arn: 'arn:aws:s3:::full', force_destroy: false }],
  ['aws_s3_bucket_versioning.data', { id: 'full', bucket: 'full' }],
  ['aws_vpc.main', { id: 'vpc-0a1b2c3d', arn: 'arn:aws:ec2:us-east-1:1:vpc/vpc-0a1b2c3d' }],
  ['aws_eks_cluster.main', { id: 'demo', name: 'demo', vpc_config: [{ vpc_id: 'vpc-0a1b2c3d' }] }],
] as const;

/** Everything in one log, so that the order over programs and clouds can be seen. */
function world(given: { destroyFails?: number; extraInPlan?: string } = {}) {
  const log: string[] = [];
  let inState = stateResources.map(([address]) => address as string);
  let volumeLeft = true;
  let failures = given.destroyFails ?? 0;
  const terraform = fakeTerraform({
    show: () => {
      const addresses = [...inState, ...(given.extraInPlan === undefined ? [] : [given.extraInPlan])];
      const changes = addresses.map((address) => ({
        address,
        type: 'x',
        mode: 'managed',
        change: { actions: ['delete'], before: {} },
      }));
      return { stdout: JSON.stringify({ resource_changes: changes }) };
    },
    plan: async ({ args }) => {
      log.push(`plan${args.includes('-destroy') ? ' -destroy' : ''}`);
      await writeFile(args.find((arg) => arg.startsWith('-out='))?.slice(5) ?? '', '');
      return {};
    },
    state: ({ args }) => {
      if (args[1] === 'pull') {
        return { stdout: JSON.stringify(rawState(stateResources.filter(([address]) => inState.includes(address)))) };
      }
      log.push(args.join(' '));
      inState = inState.filter((address) => !args.includes(address));
      return {};
    },
    apply: () => {
      log.push('apply');
      failures -= 1;
      if (failures >= 0) return { exitCode: 1 };
      const done = inState.map((addr) =>
        JSON.stringify({ type: 'apply_complete', hook: { resource: { addr }, action: 'delete' } }),
      );
      inState = [];
      return { stdout: done.join('\n') };
    },
  });
  const owned = { 'kubernetes.io/cluster/demo': 'owned' };
  const aws = (): AwsCloud =>
    fakeAws({
      sts: { callerIdentity: async () => ({ account: '1', arn: 'arn:me' }) },
      s3: {
        isEmpty: async () => false,
        emptyBucket: async (bucket) => {
          log.push(`empty ${bucket}`);
          return 3;
        },
        deleteBucket: async (bucket) => void log.push(`delete bucket ${bucket}`),
      },
      elb: {
        loadBalancers: async () =>
          log.includes('delete balancer')
            ? []
            : [{ kind: 'classic', name: 'a1', id: 'a1', vpc: 'vpc-0a1b2c3d', tags: owned }],
        targetGroups: async () => [],
        deleteLoadBalancer: async () => void log.push('delete balancer'),
      },
      ec2: {
        networkInterfaces: async () => [],
        securityGroups: async () => [],
        volumes: async () => {
          const attached = !log.includes('apply');
          return volumeLeft ? [{ id: 'vol-1', sizeGib: 1, attached, deletedWithInstance: false, tags: owned }] : [];
        },
        deleteVolume: async () => {
          volumeLeft = false;
          log.push('delete volume');
        },
        livingInstances: async () => [],
        livingNatGateways: async () => [],
      },
      tagging: {
        arnsTagged: async () => ['arn:aws:s3:::full', 'arn:aws:ec2:us-east-1:1:vpc/vpc-0a1b2c3d', 'arn:aws:sqs:x:1:q'],
      },
      kms: {},
    });
  return { terraform, aws, log };
}

test('first what Kubernetes made, then data out of the state, then terraform, then what nodes held, then a sweep', async () => {
  const project = await projectWith('aws', files);
  const { terraform, aws, log } = world();
  const confirm = answering(true);
  const deps = testDeps({ runner: terraform.runner, aws, confirm });
  const result = await destroy({ ...options, project }, deps);
  expect(log).toEqual([
    'delete balancer',
    'state rm aws_s3_bucket.data aws_s3_bucket_versioning.data',
    'plan -destroy',
    'apply',
    'delete volume',
  ]);
  expect(result).toMatchObject({
    action: 'destroy',
    destroyed: ['aws_vpc.main', 'aws_eks_cluster.main'],
    kubernetesMade: [
      { kind: 'load balancer', id: 'a1' },
      { kind: 'volume', id: 'vol-1' },
    ],
    kept: [{ kind: 'bucket', arn: 'arn:aws:s3:::full' }],
    leftovers: { left: ['arn:aws:sqs:x:1:q'] },
  });
  expect(confirm.questions).toEqual(['Type the name of the project (demo) to destroy this:']);
  expect(deps.said).toContain('  = bucket arn:aws:s3:::full (it holds objects)');
  expect(deps.said).toContain('  - load balancer a1 (a1)');
  const texts = destroyLines(result).map(({ text }) => text);
  expect(texts).toContain('  ! arn:aws:sqs:x:1:q');
  expect(texts).toContain('    to delete it too: mlops provision --destroy --delete-data full');
  await expect(stat(join(project.infra, 'outputs.json'))).rejects.toMatchObject({ code: 'ENOENT' });
  const record = JSON.parse(await readFile(join(project.infra, 'kept.json'), 'utf8')) as { kept: unknown[] };
  expect(record.kept).toMatchObject([{ name: 'full', resources: [{ id: 'full' }, { id: 'full' }] }]);
});

test('alarms that are left over are told with the command that deletes them; without any there is no such hint', async () => {
  const hint = '  What mlops alarms made goes with: mlops alarms delete --topic';
  const textsOf = (left: string[]) => {
    const nothing = { destroyed: [], kubernetesMade: [], kept: [], deletedData: null } as const;
    const result = { action: 'destroy', cloud: 'aws', ...nothing, leftovers: { left, pending: [] } } as const;
    return destroyLines(result).map(({ text }) => text);
  };
  expect(textsOf(['arn:aws:cloudwatch:us-east-1:123456789012:alarm:demo-LambdaErrorAlarm'])).toContain(hint);
  expect(textsOf(['arn:aws:sqs:x:1:q'])).not.toContain(hint);
});

test.each([
  ['eu-west-1', ['eu-west-1', 'us-east-1']],
  ['us-east-1', ['us-east-1']],
])('from %s leftovers are looked for in %j: global services answer in one region only', async (region, swept) => {
  const project = await projectWith('aws', files);
  const { terraform, aws } = world();
  const asked: string[] = [];
  const inRegion = (settings: { region: string }) => {
    const tagging = { arnsTagged: async () => [`arn:${asked.push(settings.region)}`] };
    return { ...aws(), tagging };
  };
  const deps = testDeps({ runner: terraform.runner, aws: inRegion, env: { AWS_REGION: region } });
  const { leftovers } = await destroy({ ...options, project }, deps);
  expect(asked).toEqual(swept);
  expect(leftovers?.left).toHaveLength(swept.length);
});

test('a dry run shows everything and touches nothing', async () => {
  const project = await projectWith('aws', files);
  const { terraform, aws, log } = world();
  const result = await destroy({ ...options, project, dryRun: true }, testDeps({ runner: terraform.runner, aws }));
  expect(log).toEqual([]);
  expect(result).toMatchObject({ action: 'destroy-plan', destroyed: ['aws_vpc.main', 'aws_eks_cluster.main'] });
  expect(result.kept).toHaveLength(1);
});

test('the wrong name changes nothing', async () => {
  const project = await projectWith('aws', files);
  const { terraform, aws, log } = world();
  const deps = testDeps({ runner: terraform.runner, aws, confirm: answering(false) });
  expect(await errorOf(() => destroy({ ...options, project }, deps))).toMatchObject({ code: 'NOT_CONFIRMED' });
  expect(log).toEqual([]);
});

describe('data', () => {
  test('that is named is deleted with its bucket by terraform', async () => {
    const project = await projectWith('aws', files);
    const { terraform, aws, log } = world();
    const result = await destroy(
      { ...options, project, deleteData: 'full' },
      testDeps({ runner: terraform.runner, aws }),
    );
    expect(log.slice(1, 4)).toEqual(['empty full', 'plan -destroy', 'apply']);
    expect(result).toMatchObject({ deletedData: { bucket: 'full', objects: 3 }, kept: [] });
    expect(result.destroyed).toContain('aws_s3_bucket.data');
  });

  test('that a former destroy kept can be deleted later', async () => {
    const kept = [{ kind: 'bucket', name: 'old', arn: 'arn:aws:s3:::old', why: '', resources: [] }];
    const project = await projectWith('aws', { ...files, 'kept.json': JSON.stringify({ kept }) });
    const { terraform, aws, log } = world();
    const result = await destroy(
      { ...options, project, deleteData: 'old' },
      testDeps({ runner: terraform.runner, aws }),
    );
    expect(log).toEqual(expect.arrayContaining(['empty old', 'delete bucket old']));
    expect(result.kept.map(({ name }) => name)).toEqual(['full']);
  });

  test('of another name is refused before anything is asked', async () => {
    const project = await projectWith('aws', files);
    const { terraform, aws, log } = world();
    const error = await errorOf(() =>
      destroy({ ...options, project, deleteData: 'ful' }, testDeps({ runner: terraform.runner, aws })),
    );
    expect(error).toMatchObject({ code: 'NO_SUCH_DATA', exitCode: 2 });
    expect(error.why).toContain('full');
    expect(log).toEqual([]);
  });
});

test('when terraform fails and Kubernetes left something behind, that is deleted and terraform goes on', async () => {
  const project = await projectWith('aws', files);
  const { terraform, aws, log } = world({ destroyFails: 1 });
  const result = await destroy({ ...options, project }, testDeps({ runner: terraform.runner, aws }));
  expect(log.slice(2)).toEqual(['plan -destroy', 'apply', 'delete volume', 'plan -destroy', 'apply']);
  expect(result.destroyed).toEqual(['aws_vpc.main', 'aws_eks_cluster.main']);
});

test('a failure with nothing left behind is the failure', async () => {
  const project = await projectWith('aws', files);
  const { terraform, aws, log } = world({ destroyFails: 2 });
  const error = await errorOf(() => destroy({ ...options, project }, testDeps({ runner: terraform.runner, aws })));
  expect(error).toMatchObject({ code: 'TERRAFORM_FAILED' });
  expect(log.filter((entry) => entry === 'apply')).toHaveLength(2);
});

test('not being allowed to look for leftovers does not hide that everything is destroyed', async () => {
  const project = await projectWith('aws', files);
  const { terraform, aws } = world();
  const denied = new OperationError('AWS does not allow tag:GetResources on *', { code: 'ACCESS_DENIED' });
  const blind = () => ({ ...aws(), tagging: { arnsTagged: () => Promise.reject(denied) } });
  const deps = testDeps({ runner: terraform.runner, aws: blind });
  const result = await destroy({ ...options, project }, deps);
  expect(result).toMatchObject({ leftovers: null, destroyed: ['aws_vpc.main', 'aws_eks_cluster.main'] });
  expect(deps.said.join()).toContain('AWS does not allow tag:GetResources');
});

test('what was not shown is not destroyed', async () => {
  const project = await projectWith('aws', files);
  const { terraform, aws, log } = world({ extraInPlan: 'aws_db.new' });
  const error = await errorOf(() => destroy({ ...options, project }, testDeps({ runner: terraform.runner, aws })));
  expect(error.why).toContain('aws_db.new');
  expect(log).not.toContain('apply');
});

test('what protects itself from deletion is said before anything is deleted', async () => {
  const project = await projectWith('gcp', files);
  const state = rawState([['google_container_cluster.main[0]', { deletion_protection: true }]]);
  const terraform = fakeTerraform({ state: () => ({ stdout: JSON.stringify(state) }) });
  const deps = testDeps({ runner: terraform.runner });
  const error = await errorOf(() => destroy({ ...options, project }, deps));
  expect(error).toMatchObject({ code: 'DELETION_PROTECTED', exitCode: 2 });
  expect(error.why).toContain('google_container_cluster.main[0]');
  expect(error.actions[0]).toBe('mlops provision --set deletion_protection=false');
  expect(terraform.commands()).toEqual(['version', 'init', 'state pull']);
  await destroy({ ...options, project, dryRun: true }, deps);
  expect(deps.said.join()).toContain('google_container_cluster.main[0]: deletion_protection is true');
});

test('on Google Cloud it is terraform alone, and what it does not look for is said', async () => {
  const project = await projectWith('gcp', files);
  const { terraform, log } = world();
  const deps = testDeps({ runner: terraform.runner });
  const result = await destroy({ ...options, project }, deps);
  expect(log).toEqual(['plan -destroy', 'apply']);
  expect(result.destroyed).toHaveLength(4);
  expect(deps.said.join()).toContain('is not looked for');
});
