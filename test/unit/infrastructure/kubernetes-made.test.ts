import { describe, expect, test } from 'vitest';
import { OperationError } from '../../../src/lib/base/errors/mlops-error.js';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { deleteKubernetesMade } from '../../../src/lib/infrastructure/destroy/delete-kubernetes-made.js';
import { findKubernetesMade, type KubernetesMade } from '../../../src/lib/infrastructure/destroy/kubernetes-made.js';
import type { LoadBalancer } from '../../../src/lib/platform/aws/elb.js';
import { errorOf } from '../../support/errors.js';
import { fakeAws } from '../../support/fake-aws.js';

const owned = { 'kubernetes.io/cluster/demo': 'owned' };
const inVpc = { vpc: 'vpc-1' };

/** What EC2 would answer: the items whose tags fit all filters. */
function byTag<T extends { tags: Readonly<Record<string, string>> }>(items: readonly T[]) {
  return async (filters: Readonly<Record<string, string>>) =>
    items.filter(({ tags }) =>
      Object.entries(filters).every(([name, value]) => tags[name.slice('tag:'.length)] === value),
    );
}

const networkInterface = { description: 'aws-K8S-1', attached: false, deletedWithInstance: false, managedByAws: false };
const volume = { sizeGib: 8, attached: false, deletedWithInstance: false };

describe('finding', () => {
  const aws = fakeAws({
    elb: {
      loadBalancers: async (): Promise<LoadBalancer[]> => [
        { kind: 'classic', name: 'a1', id: 'a1', ...inVpc, tags: owned },
        { kind: 'v2', name: 'k8s', id: 'arn:lb/k8s', ...inVpc, tags: { 'elbv2.k8s.aws/cluster': 'demo' } },
        { kind: 'v2', name: 'mine', id: 'arn:lb/mine', ...inVpc, tags: {} },
        { kind: 'v2', name: 'other', id: 'arn:lb/other', ...inVpc, tags: { 'elbv2.k8s.aws/cluster': 'demo-2' } },
        { kind: 'v2', name: 'twin', id: 'arn:lb/twin', vpc: 'vpc-2', tags: { 'elbv2.k8s.aws/cluster': 'demo' } },
      ],
      targetGroups: async () => [{ arn: 'arn:tg', name: 'tg', ...inVpc, tags: { 'elbv2.k8s.aws/cluster': 'demo' } }],
    },
    ec2: {
      networkInterfaces: byTag([
        { ...networkInterface, ...inVpc, id: 'eni-1', tags: { 'cluster.k8s.amazonaws.com/name': 'demo' } },
        { ...networkInterface, ...inVpc, id: 'eni-node', deletedWithInstance: true, tags: owned },
        { ...networkInterface, ...inVpc, id: 'eni-elb', managedByAws: true, tags: owned },
      ]),
      volumes: byTag([
        {
          ...volume,
          id: 'vol-1',
          tags: { ...owned, KubernetesCluster: 'demo', 'kubernetes.io/created-for/pvc/name': 'claim' },
        },
        { ...volume, id: 'vol-busy', attached: true, tags: owned },
        { ...volume, id: 'vol-root', attached: true, deletedWithInstance: true, tags: owned },
        { ...volume, id: 'vol-managed', tags: owned },
      ]),
      securityGroups: byTag([
        { id: 'sg-1', name: 'k8s-elb', ...inVpc, tags: owned },
        { id: 'sg-eks', name: 'eks-cluster-sg', ...inVpc, tags: { ...owned, 'aws:eks:cluster-name': 'demo' } },
        { id: 'sg-shared', name: 'shared', ...inVpc, tags: { 'kubernetes.io/cluster/demo': 'shared' } },
      ]),
    },
  });

  test('takes what the controllers of this cluster made, once, and not what is shared, EKS, AWS or terraform has', async () => {
    const found = await findKubernetesMade(aws, [{ name: 'demo', vpc: 'vpc-1' }], new Set(['vol-managed']));
    expect(found.map(({ kind, id, attached }) => `${kind} ${id}${attached ? ' attached' : ''}`)).toEqual([
      'load balancer a1',
      'load balancer arn:lb/k8s',
      'target group arn:tg',
      'network interface eni-1',
      'volume vol-1',
      'volume vol-busy attached',
      'security group sg-1',
    ]);
    expect(found.find(({ id }) => id === 'vol-1')?.name).toBe('claim, 8 GiB');
  });

  test('without a cluster nobody is asked', async () => {
    expect(await findKubernetesMade(fakeAws(), [], new Set())).toEqual([]);
  });
});

describe('deleting', () => {
  const never = new AbortController().signal;
  const quiet = { reporter: silentReporter, interrupts: { stop: never, giveUp: never }, sleep: async () => {} };
  const balancer = {
    kind: 'v2' as const,
    name: 'k8s',
    id: 'arn:aws:elasticloadbalancing:r:1:loadbalancer/net/k8s/1',
    vpc: '',
    tags: {},
  };
  const item = (kind: KubernetesMade['kind'], id: string, rest: Partial<KubernetesMade> = {}): KubernetesMade => ({
    kind,
    id,
    name: '',
    cluster: 'demo',
    attached: false,
    ...rest,
  });
  const busy = () =>
    Promise.reject(new OperationError('no', { code: 'AWS_CALL_FAILED', why: 'DependencyViolation: in use' }));

  test('waits for a load balancer to let go before what it held is deleted; what a node holds waits', async () => {
    const calls: string[] = [];
    const note = (text: string) => async () => void calls.push(text);
    let asked = 0;
    const aws = fakeAws({
      elb: { deleteLoadBalancer: note('balancer'), deleteTargetGroup: note('targets') },
      ec2: {
        networkInterfaces: async (filters) => {
          asked += 1;
          calls.push(`asked ${filters.description}`);
          return asked < 3 ? [{ ...networkInterface, id: 'eni-lb', vpc: '', tags: {} }] : [];
        },
        deleteNetworkInterface: note('interface'),
        revokeRulesNaming: note('revoke'),
        deleteSecurityGroup: note('group'),
      },
    });
    const busyVolume = item('volume', 'vol-1', { attached: true });
    const found = [
      item('load balancer', balancer.id, { balancer }),
      item('target group', 'tg'),
      item('network interface', 'eni'),
      busyVolume,
      item('security group', 'sg'),
    ];
    expect(await deleteKubernetesMade(found, aws, quiet)).toEqual([busyVolume]);
    const ask = 'asked ELB net/k8s/1';
    expect(calls).toEqual(['balancer', ask, ask, ask, 'targets', 'interface', 'revoke', 'group']);
  });

  test('a group that is still used is left for later, another refusal is not', async () => {
    const group = item('security group', 'sg');
    const revoke = { revokeRulesNaming: async () => {} };
    const aws = fakeAws({ ec2: { ...revoke, deleteSecurityGroup: busy } });
    expect(await deleteKubernetesMade([group], aws, quiet)).toEqual([group]);
    const denied = () => Promise.reject(new OperationError('denied', { code: 'ACCESS_DENIED', why: 'no' }));
    const refusing = fakeAws({ ec2: { ...revoke, deleteSecurityGroup: denied } });
    expect(await errorOf(() => deleteKubernetesMade([group], refusing, quiet))).toMatchObject({
      code: 'ACCESS_DENIED',
    });
  });

  test('an interrupt stops before the next deletion', async () => {
    const controller = new AbortController();
    const deleted: string[] = [];
    const aws = fakeAws({
      ec2: {
        deleteVolume: async (id) => {
          deleted.push(id);
          controller.abort('SIGINT');
        },
      },
    });
    const deps = { ...quiet, interrupts: { stop: controller.signal, giveUp: never } };
    const volumes = [item('volume', 'vol-1'), item('volume', 'vol-2')];
    expect(await errorOf(() => deleteKubernetesMade(volumes, aws, deps))).toMatchObject({ exitCode: 130 });
    expect(deleted).toEqual(['vol-1']);
  });
});
