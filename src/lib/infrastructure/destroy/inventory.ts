import { UsageError } from '../../base/errors/mlops-error.js';
import { type Line, line } from '../../base/text/line.js';
import { readKept } from '../kept-record.js';
import { byKind } from '../plan/lines.js';
import type { Session } from '../session.js';
import { managedIds, type StateResource, text } from '../state.js';
import { type Cluster, findKubernetesMade, type KubernetesMade } from './kubernetes-made.js';
import { findRetained, type Kept, type Retained, retentionContext } from './retained.js';

/** Everything a destroy would touch, found out before anybody is asked. */
export interface Inventory extends Retained {
  readonly state: readonly StateResource[];
  readonly clusters: readonly Cluster[];
  readonly kubernetesMade: readonly KubernetesMade[];
  /** Kept by former destroys and still known. */
  readonly formerlyKept: readonly Kept[];
  /** The bucket to give up, and whether terraform deletes it once it is empty. */
  readonly deleteData: { readonly bucket: string; readonly inState: boolean } | undefined;
}

/** Throws UsageError `NO_SUCH_DATA` when `deleteData` names no bucket of this project. */
export async function takeInventory(
  session: Session,
  options: { deleteData: string | undefined; now: number },
): Promise<Inventory> {
  const { state } = session;
  const onRecord = await readKept(session.dir);
  const deleteData = dataToDelete(state, onRecord, options.deleteData);
  const formerlyKept = onRecord.filter(({ kind, name: kept }) => kind !== 'bucket' || kept !== deleteData?.bucket);
  const { aws } = session;
  const empty = { state, formerlyKept, deleteData, clusters: [], kubernetesMade: [], kept: [], warehouses: [] };
  if (aws === undefined) return empty;
  const clusters = state.flatMap(asCluster);
  const retained = await findRetained(state, aws, retentionContext(session, options));
  return {
    ...empty,
    ...retained,
    clusters,
    kubernetesMade: await findKubernetesMade(aws, clusters, managedIds(state)),
  };
}

/** What terraform destroys: the state without what is kept, and without what is deleted by other means. */
export function doomed({ state, kept, warehouses }: Pick<Inventory, 'state' | 'kept' | 'warehouses'>): StateResource[] {
  const stays = new Set([
    ...kept.flatMap(({ resources }) => resources.map(({ address }) => address)),
    ...warehouses.flatMap(({ addresses }) => addresses),
  ]);
  return state.filter(({ address }) => !stays.has(address));
}

/** The inventory as people read it, before they are asked. */
export function inventoryLines(inventory: Inventory): Line[] {
  const resources = doomed(inventory);
  const lines = [line(`Destroy: ${resources.length}`, 'heading')];
  lines.push(...byKind(resources).map((item) => line(`  - ${item}`, 'danger')));
  const { kubernetesMade, deleteData, kept, formerlyKept, warehouses } = inventory;
  if (kubernetesMade.length > 0) {
    lines.push(line(`Delete, made by Kubernetes: ${kubernetesMade.length}`, 'heading'));
    lines.push(
      ...kubernetesMade.map(({ kind, id, name }) => line(`  - ${kind} ${id}${name ? ` (${name})` : ''}`, 'danger')),
    );
  }
  for (const { namespace, snapshot } of warehouses) {
    lines.push(line(`Delete, after taking the snapshot ${snapshot}`, 'heading'));
    lines.push(line(`  - warehouse ${namespace} (Redshift Serverless)`, 'danger'));
  }
  if (deleteData !== undefined) {
    lines.push(line('Delete, data included, for ever', 'heading'), line(`  - bucket ${deleteData.bucket}`, 'danger'));
  }
  const stays = [...kept, ...formerlyKept];
  if (stays.length + warehouses.length > 0) lines.push(line('Keep', 'heading'));
  lines.push(...stays.map((item) => line(`  = ${keptText(item)}`, 'good')));
  lines.push(...warehouses.map(({ snapshot }) => line(`  = snapshot ${snapshot}`, 'good')));
  return lines;
}

/** `bucket arn:aws:s3:::x (it holds objects)` */
export function keptText({ kind, arn, why }: Kept): string {
  return `${kind} ${arn} (${why})`;
}

function dataToDelete(
  state: readonly StateResource[],
  formerlyKept: readonly Kept[],
  bucket: string | undefined,
): Inventory['deleteData'] {
  if (bucket === undefined) return undefined;
  const inState = state.flatMap((resource) =>
    resource.kind === 'aws_s3_bucket' ? (text(resource, 'bucket') ?? []) : [],
  );
  const former = formerlyKept.filter(({ kind }) => kind === 'bucket').map(({ name }) => name);
  if (inState.includes(bucket)) return { bucket, inState: true };
  if (former.includes(bucket)) return { bucket, inState: false };
  throw new UsageError(`This project has no bucket '${bucket}'`, {
    code: 'NO_SUCH_DATA',
    why: `Its buckets: ${[...inState, ...former].join(', ') || 'none'}. Nothing was changed.`,
  });
}

function asCluster(resource: StateResource): Cluster[] {
  const name = resource.kind === 'aws_eks_cluster' ? text(resource, 'name') : undefined;
  if (name === undefined) return [];
  const [network] = (resource.values.vpc_config ?? []) as ReadonlyArray<{ vpc_id?: string }>;
  return [{ name, vpc: network?.vpc_id || undefined }];
}
