import { InterruptedError, OperationError } from '../../base/errors/mlops-error.js';
import { inStep, type Step } from '../../base/progress/reporter.js';
import type { AwsCloud } from '../../platform/aws/cloud.js';
import type { InfrastructureDeps } from '../deps.js';
import { type StateResource, text } from '../state.js';
import type { Kept } from './retained.js';

/** A Redshift Serverless warehouse: Terraform's provider would delete it without a final snapshot. */
export interface ServerlessWarehouse {
  readonly namespace: string;
  readonly workgroups: readonly string[];
  /** Name of the snapshot that is taken; another one each time. */
  readonly snapshot: string;
  /** Its addresses in the state. */
  readonly addresses: readonly string[];
}

type Outside = Pick<InfrastructureDeps, 'reporter' | 'interrupts' | 'sleep'>;

const pauseMs = 10_000;
/** Ten seconds each: an hour, which is more than the last snapshot of a small warehouse takes. */
const patience = 360;

export function findServerlessWarehouses(state: readonly StateResource[], stamp: string): ServerlessWarehouse[] {
  return state.flatMap((resource) => {
    const isNamespace = resource.kind === 'aws_redshiftserverless_namespace';
    const namespace = isNamespace ? text(resource, 'namespace_name') : undefined;
    if (namespace === undefined) return [];
    const members = state.filter(
      (other) => other.kind === 'aws_redshiftserverless_workgroup' && text(other, 'namespace_name') === namespace,
    );
    return [
      {
        namespace,
        workgroups: members.flatMap((member) => text(member, 'workgroup_name') ?? []),
        snapshot: `${namespace}-final-${stamp}`,
        addresses: [resource, ...members].map(({ address }) => address),
      },
    ];
  });
}

/** Deletes the warehouse by AWS's own way, which takes the final snapshot first. Returns the snapshot. */
export async function deleteServerlessWarehouse(
  { namespace, workgroups, snapshot }: ServerlessWarehouse,
  { redshiftServerless: redshift }: Pick<AwsCloud, 'redshiftServerless'>,
  deps: Outside,
): Promise<Kept> {
  const arn = await inStep(deps.reporter, `Deleting warehouse ${namespace} with a final snapshot`, async (step) => {
    for (const workgroup of workgroups) {
      await redshift.deleteWorkgroup(workgroup);
      await untilGone(() => redshift.hasWorkgroup(workgroup), `workgroup ${workgroup}`, deps, step);
    }
    await redshift.deleteNamespace(namespace, snapshot);
    await untilGone(() => redshift.hasNamespace(namespace), `namespace ${namespace}`, deps, step);
    return await redshift.snapshotArn(snapshot);
  });
  const why = 'the final snapshot of the warehouse';
  // A former run that was interrupted has taken it under a name of its own.
  return { kind: 'snapshot', name: snapshot, arn: arn ?? `(a final snapshot of ${namespace})`, why, resources: [] };
}

async function untilGone(exists: () => Promise<boolean>, what: string, deps: Outside, step: Step): Promise<void> {
  for (let round = 0; await exists(); round += 1) {
    if (round === patience) {
      throw new OperationError(`AWS is still deleting the ${what} after an hour`, {
        code: 'DELETION_SLOW',
        actions: ['Run `mlops provision --destroy` again to go on'],
      });
    }
    step.update(`waiting for the ${what} to be gone`);
    await deps.sleep(pauseMs, deps.interrupts.stop).catch(() => {
      throw new InterruptedError('Interrupted while the warehouse was deleted', {
        why: 'AWS goes on deleting it. Terraform had not begun to destroy.',
        actions: ['Run `mlops provision --destroy` again to go on'],
      });
    });
  }
}
