import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationError } from '../../base/errors/mlops-error.js';
import { inStep } from '../../base/progress/reporter.js';
import { formatCount } from '../../base/units.js';
import type { AwsCloud } from '../../platform/aws/cloud.js';
import type { InfrastructureDeps } from '../deps.js';
import { forgetKept, recordKept, removeImports } from '../kept-record.js';
import { outputsFile } from '../outputs.js';
import { openSession, type Session, type SessionOptions } from '../session.js';
import { text } from '../state.js';
import { deleteKubernetesMade } from './delete-kubernetes-made.js';
import { deletionProtected } from './deletion-protected.js';
import { destroyAll } from './destroy-all.js';
import { doomed, type Inventory, inventoryLines, takeInventory } from './inventory.js';
import type { KubernetesMade } from './kubernetes-made.js';
import type { Kept } from './retained.js';
import { deleteServerlessWarehouse } from './serverless-warehouse.js';
import { type Leftovers, sweep } from './sweep.js';

export interface DestroyOptions extends SessionOptions {
  /** The name of a bucket whose objects are to be deleted with it. */
  readonly deleteData: string | undefined;
  readonly dryRun: boolean;
}

export interface DestroyResult {
  readonly action: 'destroy' | 'destroy-plan';
  readonly cloud: 'aws' | 'gcp';
  /** Addresses: destroyed, or for a dry run to be destroyed. */
  readonly destroyed: readonly string[];
  readonly kubernetesMade: ReadonlyArray<Pick<KubernetesMade, 'kind' | 'id' | 'name' | 'cluster'>>;
  readonly kept: ReadonlyArray<Pick<Kept, 'kind' | 'name' | 'arn' | 'why'>>;
  readonly deletedData: { readonly bucket: string; readonly objects: number } | null;
  /** Null when nobody could look. */
  readonly leftovers: Leftovers | null;
}

/**
 * Destroys the infrastructure: what Kubernetes made first, which terraform does not know and which would hold subnets and
 * groups back; data is kept unless it is named. A sweep says what is left over.
 */
export async function destroy(options: DestroyOptions, deps: InfrastructureDeps): Promise<DestroyResult> {
  if (!options.dryRun) deps.confirm.requireAnswerable();
  const session = await openSession(options, deps, { create: false });
  await removeImports(session.dir);
  const inventory = await inStep(deps.reporter, 'Finding everything that there is', () =>
    takeInventory(session, { deleteData: options.deleteData, now: deps.now() }),
  );
  const refusal = deletionProtected(inventory.state);
  if (refusal !== undefined && !options.dryRun) throw refusal;
  if (refusal !== undefined) deps.reporter.warn(`${refusal.message}: ${refusal.why}`);
  if (options.dryRun) return result('destroy-plan', session, inventory, { destroyed: doomed(inventory).map(address) });
  const nothing = inventory.state.length === 0 && inventory.deleteData === undefined;
  if (!nothing) await confirm(session, inventory, deps);
  return await run(session, inventory, deps);
}

async function confirm(session: Session, inventory: Inventory, deps: InfrastructureDeps): Promise<void> {
  if (session.aws === undefined) {
    deps.reporter.warn(
      'What Kubernetes made on Google Cloud (load balancers, disks) is not looked for: delete it first',
    );
  }
  await deps.show(inventoryLines(inventory));
  if (await deps.confirm.typed(`Type the name of the project (${session.name}) to destroy this:`, session.name)) return;
  throw new OperationError('Not confirmed: that was not the name of the project', {
    code: 'NOT_CONFIRMED',
    why: 'Nothing was changed.',
  });
}

async function run(session: Session, inventory: Inventory, deps: InfrastructureDeps): Promise<DestroyResult> {
  const { aws } = session;
  let snapshots: Kept[] = [];
  let deletedData: DestroyResult['deletedData'] = null;
  const madeByKubernetes = [...inventory.kubernetesMade];
  if (aws !== undefined) {
    await deleteKubernetesMade(inventory.kubernetesMade, aws, deps);
    snapshots = await deleteWarehouses(session, inventory, aws, deps);
    deletedData = await deleteData(session, inventory, aws, deps);
    await letGo(session, inventory.kept, deps);
  }
  await destroyAll(session, inventory, deps, madeByKubernetes);
  const kept = [...inventory.kept, ...snapshots, ...inventory.formerlyKept];
  await rm(join(session.dir, outputsFile), { force: true });
  const leftovers = await sweepAll(session, inventory, kept, deps);
  const destroyed = [...doomed(inventory).map(address), ...inventory.warehouses.flatMap(({ addresses }) => addresses)];
  return result('destroy', session, inventory, { destroyed, kept, deletedData, leftovers, madeByKubernetes });
}

/** Objects, old versions and delete markers; the bucket itself too when terraform no longer knows it. */
async function deleteData(
  session: Session,
  { deleteData: data }: Inventory,
  { s3 }: AwsCloud,
  deps: InfrastructureDeps,
): Promise<DestroyResult['deletedData']> {
  if (data === undefined) return null;
  const { bucket, inState } = data;
  const objects = await inStep(
    deps.reporter,
    `Deleting the data in ${bucket}`,
    (step) => s3.emptyBucket(bucket, (count) => step.update(`${formatCount(count)} object versions deleted`)),
    (count) => `Deleted ${formatCount(count)} object versions in ${bucket}`,
  );
  if (!inState) {
    await s3.deleteBucket(bucket);
    await forgetKept(session.dir, bucketArns(bucket));
  }
  return { bucket, objects };
}

/** The key is on record before the snapshot that only it can read exists. */
async function deleteWarehouses(
  session: Session,
  { warehouses, kept }: Inventory,
  aws: AwsCloud,
  deps: InfrastructureDeps,
): Promise<Kept[]> {
  const snapshots: Kept[] = [];
  for (const warehouse of warehouses) {
    await recordKept(session.dir, kept);
    const snapshot = await deleteServerlessWarehouse(warehouse, aws, deps);
    await recordKept(session.dir, [snapshot]);
    await session.terraform.forget(warehouse.addresses);
    snapshots.push(snapshot);
  }
  return snapshots;
}

/** Recorded first: whatever happens next, what stays is known. */
async function letGo(session: Session, kept: readonly Kept[], deps: InfrastructureDeps): Promise<void> {
  if (kept.length === 0) return;
  await recordKept(session.dir, kept);
  const addresses = kept.flatMap(({ resources }) => resources.map((resource) => resource.address));
  await inStep(deps.reporter, `Taking out of the state what is kept (${addresses.length})`, () =>
    session.terraform.forget(addresses),
  );
}

async function sweepAll(
  session: Session,
  { state }: Inventory,
  kept: readonly Kept[],
  deps: InfrastructureDeps,
): Promise<Leftovers | null> {
  const { aws, target, name } = session;
  if (aws === undefined || target.cloud !== 'aws') return { left: [], pending: [] };
  const { region, profile } = target;
  // The tags of global services answer in one region only.
  const isAway = region !== 'us-east-1' && !/^(cn|us-gov)-/.test(region);
  const global = isAway ? [deps.aws({ region: 'us-east-1', ...(profile === undefined ? {} : { profile }) })] : [];
  const ids = state.flatMap((resource) => [text(resource, 'arn') ?? [], awsId(text(resource, 'id'))].flat());
  const keptArns = new Set(kept.map(({ arn }) => arn));
  try {
    return await inStep(deps.reporter, `Looking for leftovers with the tag of ${name}`, () =>
      sweep([aws, ...global], { name, kept: keptArns, gone: new Set(ids) }),
    );
  } catch (error) {
    // Everything is destroyed by now: not being allowed to look is not a failure of that.
    if (!(error instanceof OperationError)) throw error;
    deps.reporter.warn(`Whether anything is left over could not be found out. ${error.message}: ${error.why ?? ''}`);
    return null;
  }
}

/** Only ids that cannot be anything else's name, such as vpc-0a1b2c3d. */
function awsId(id: string | undefined): string[] {
  return id !== undefined && /^[a-z]+(-[a-z]+)?-[0-9a-f]{8,}$/.test(id) ? [id] : [];
}

function result(
  action: DestroyResult['action'],
  { target }: Session,
  inventory: Inventory,
  done: Partial<Omit<DestroyResult, 'kept'>> & { kept?: readonly Kept[]; madeByKubernetes?: readonly KubernetesMade[] },
): DestroyResult {
  const made = done.madeByKubernetes ?? inventory.kubernetesMade;
  const kept = done.kept ?? [...inventory.kept, ...inventory.formerlyKept];
  return {
    action,
    cloud: target.cloud,
    destroyed: done.destroyed ?? [],
    kubernetesMade: made.map(({ kind, id, name, cluster }) => ({ kind, id, name, cluster })),
    kept: kept.map(({ kind, name, arn, why }) => ({ kind, name, arn, why })),
    deletedData: done.deletedData ?? null,
    leftovers: done.leftovers === undefined ? { left: [], pending: [] } : done.leftovers,
  };
}

const address = (item: { address: string }) => item.address;

function bucketArns(bucket: string): string[] {
  return ['aws', 'aws-cn', 'aws-us-gov'].map((name) => `arn:${name}:s3:::${bucket}`);
}
