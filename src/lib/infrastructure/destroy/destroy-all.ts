import { OperationError } from '../../base/errors/mlops-error.js';
import type { InfrastructureDeps } from '../deps.js';
import { applyPlan, makePlan, withPlanFile } from '../plan-step.js';
import type { Session } from '../session.js';
import { managedIds } from '../state.js';
import { deleteKubernetesMade } from './delete-kubernetes-made.js';
import { doomed, type Inventory } from './inventory.js';
import { findKubernetesMade, type KubernetesMade } from './kubernetes-made.js';

const again = 'mlops provision --destroy';

/**
 * Has terraform destroy what is doomed, and deletes what Kubernetes left behind when its nodes were gone; adds to
 * `madeByKubernetes` what that was. Throws what terraform's failure amounts to, or `PLAN_STALE`.
 */
export async function destroyAll(
  session: Session,
  inventory: Inventory,
  deps: InfrastructureDeps,
  madeByKubernetes: KubernetesMade[],
): Promise<void> {
  const shown = new Set(doomed(inventory).map(({ address }) => address));
  const { aws } = session;
  const destroyOnce = async () => {
    if (shown.size === 0) return;
    await withPlanFile(async (file) => {
      const { changes } = await makePlan(session, file, { destroy: true }, deps);
      const more = changes.map(({ address }) => address).filter((address) => !shown.has(address));
      if (more.length > 0) moreThanShown(more);
      await applyPlan(session, file, { title: 'Destroying', again }, deps);
    });
  };
  const deleteRest = async () => {
    if (aws === undefined) return false;
    const found = await findKubernetesMade(aws, inventory.clusters, managedIds(inventory.state));
    madeByKubernetes.push(...found.filter(({ id }) => madeByKubernetes.every((item) => item.id !== id)));
    await deleteKubernetesMade(found, aws, deps);
    return found.length > 0;
  };
  try {
    await destroyOnce();
  } catch (error) {
    const isBlocked = error instanceof OperationError && error.code === 'TERRAFORM_FAILED';
    // A controller that was still alive may have made new things, or nodes have let go of old ones: once more without them.
    if (!isBlocked || !(await deleteRest())) throw error;
    await destroyOnce();
  }
  await deleteRest();
}

function moreThanShown(addresses: readonly string[]): never {
  throw new OperationError('There is more to destroy now than was shown', {
    code: 'PLAN_STALE',
    why: `Another run has added ${addresses.join(', ')}. Terraform has destroyed nothing.`,
    actions: [`Run \`${again}\` again to see everything`],
  });
}
