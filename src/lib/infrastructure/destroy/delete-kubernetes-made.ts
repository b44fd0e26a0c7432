import { InterruptedError, MlopsError } from '../../base/errors/mlops-error.js';
import { inStep, type Step } from '../../base/progress/reporter.js';
import type { AwsCloud } from '../../platform/aws/cloud.js';
import type { LoadBalancer } from '../../platform/aws/elb.js';
import type { InfrastructureDeps } from '../deps.js';
import type { KubernetesMade } from './kubernetes-made.js';

type Outside = Pick<InfrastructureDeps, 'reporter' | 'interrupts' | 'sleep'>;

const pauseMs = 5_000;
/** How often to look again while AWS lets go of something: five minutes in all. */
const patience = 60;

/**
 * Deletes what can be deleted now, in the order in which one thing holds another: load balancers, their target groups,
 * interfaces, volumes, security groups. Returns what has to wait, because a node still uses it or AWS says so.
 */
export async function deleteKubernetesMade(
  found: readonly KubernetesMade[],
  aws: Pick<AwsCloud, 'ec2' | 'elb'>,
  deps: Outside,
): Promise<KubernetesMade[]> {
  if (found.length === 0) return [];
  const waiting: KubernetesMade[] = [];
  const title = `Deleting what Kubernetes made (${found.length})`;
  await inStep(deps.reporter, title, async (step) => {
    const balancers = found.filter(({ kind }) => kind === 'load balancer');
    const others = found.filter(({ kind }) => kind !== 'load balancer');
    const visit = async (item: KubernetesMade) => {
      if (deps.interrupts.stop.aborted) throw interruption();
      step.update(`${item.kind} ${item.name || item.id}`);
      if (item.attached || !(await remove(item, aws, deps))) waiting.push(item);
    };
    for (const item of balancers) await visit(item);
    await released(
      balancers.flatMap(({ balancer }) => balancer ?? []),
      aws,
      deps,
      step,
    );
    for (const item of others) await visit(item);
  });
  return waiting;
}

/** Returns false when it is still in use; any other refusal is thrown. */
async function remove(item: KubernetesMade, aws: Pick<AwsCloud, 'ec2' | 'elb'>, deps: Outside): Promise<boolean> {
  switch (item.kind) {
    case 'load balancer':
      if (item.balancer !== undefined) await aws.elb.deleteLoadBalancer(item.balancer);
      return true;
    case 'target group':
      return await attempt(() => aws.elb.deleteTargetGroup(item.id));
    case 'network interface':
      return await attempt(() => aws.ec2.deleteNetworkInterface(item.id));
    case 'volume':
      return await attempt(() => aws.ec2.deleteVolume(item.id));
    case 'security group':
      await aws.ec2.revokeRulesNaming(item.id);
      for (let round = 0; round < 3; round += 1) {
        if (await attempt(() => aws.ec2.deleteSecurityGroup(item.id))) return true;
        await pause(deps);
      }
      return false;
  }
}

async function attempt(deletion: () => Promise<void>): Promise<boolean> {
  try {
    await deletion();
    return true;
  } catch (error) {
    if (error instanceof MlopsError && /DependencyViolation|InUse|in use/i.test(error.why ?? '')) return false;
    throw error;
  }
}

/** A deleted load balancer holds its interfaces, and with them subnets and security groups, for a minute or more. */
async function released(
  balancers: readonly LoadBalancer[],
  aws: Pick<AwsCloud, 'ec2'>,
  deps: Outside,
  step: Step,
): Promise<void> {
  for (const balancer of balancers) {
    for (let round = 0; round < patience; round += 1) {
      const left = await aws.ec2.networkInterfaces({ description: interfaceDescription(balancer) });
      if (left.length === 0) break;
      step.update(`waiting for load balancer ${balancer.name} to let go of ${left.length} network interfaces`);
      await pause(deps);
    }
  }
}

/** `ELB app/NAME/ID` for the second generation, `ELB NAME` for a classic one. */
function interfaceDescription({ kind, id, name }: LoadBalancer): string {
  return `ELB ${kind === 'v2' ? id.replace(/^.*:loadbalancer\//, '') : name}`;
}

async function pause({ sleep, interrupts }: Outside): Promise<void> {
  try {
    await sleep(pauseMs, interrupts.stop);
  } catch {
    throw interruption();
  }
}

function interruption(): InterruptedError {
  return new InterruptedError('Interrupted while deleting what Kubernetes made', {
    why: 'Terraform had not begun to destroy.',
    actions: ['Run `mlops provision --destroy` again to go on'],
  });
}
