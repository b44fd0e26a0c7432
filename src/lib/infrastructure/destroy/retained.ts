import { partition } from '../../platform/aws/client.js';
import type { AwsCloud } from '../../platform/aws/cloud.js';
import type { Session } from '../session.js';
import { type StateResource, text } from '../state.js';
import { findServerlessWarehouses, type ServerlessWarehouse } from './serverless-warehouse.js';

/** Something that stays when everything else is destroyed. */
export interface Kept {
  readonly kind: 'bucket' | 'key' | 'snapshot';
  readonly name: string;
  readonly arn: string;
  readonly why: string;
  /** What is taken out of the state for it: address and the id by which it is taken in again. */
  readonly resources: ReadonlyArray<{ readonly address: string; readonly id: string }>;
}

/** What decides about what is kept, and how ARNs and snapshots are named. */
export interface RetentionContext {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly name: string;
  /** A bucket to give up. */
  readonly deleteData: string | undefined;
  /** Makes the name of a snapshot a new one. */
  readonly stamp: string;
}

export function retentionContext(
  { target, identity, name }: Session,
  { deleteData, now }: { deleteData: string | undefined; now: number },
): RetentionContext {
  const stamp = new Date(now).toISOString().slice(0, 16).replace(/[-:T]/g, '');
  const { region } = target;
  return { partition: partition(region), region, account: identity?.account ?? '', name, deleteData, stamp };
}

export interface Retained {
  readonly kept: readonly Kept[];
  readonly warehouses: readonly ServerlessWarehouse[];
}

/** The settings that guard a bucket's data: destroying them would leave it open, unencrypted or without versions. */
const guards = new Set([
  'aws_s3_bucket_ownership_controls',
  'aws_s3_bucket_public_access_block',
  'aws_s3_bucket_versioning',
  'aws_s3_bucket_server_side_encryption_configuration',
  'aws_s3_bucket_policy',
  'aws_s3_bucket_lifecycle_configuration',
  'aws_s3_bucket_object_lock_configuration',
]);

/**
 * What a destroy has to leave alone: buckets that hold objects and are not declared expendable (`force_destroy`), final
 * snapshots of the warehouse, and the keys without which neither could be read. `deleteData` names a bucket to give up.
 */
export async function findRetained(
  state: readonly StateResource[],
  aws: Pick<AwsCloud, 's3'>,
  context: RetentionContext,
): Promise<Retained> {
  const buckets: Kept[] = [];
  for (const resource of state) {
    const name = resource.kind === 'aws_s3_bucket' ? text(resource, 'bucket') : undefined;
    if (name === undefined || name === context.deleteData || resource.values.force_destroy === true) continue;
    if (await aws.s3.isEmpty(name)) continue;
    const members = state.filter((other) => guards.has(other.kind) && text(other, 'bucket') === name);
    buckets.push({
      kind: 'bucket',
      name,
      arn: text(resource, 'arn') ?? '',
      why: 'it holds objects',
      resources: [resource, ...members].map(taken),
    });
  }
  const snapshots = state.flatMap((resource) => finalSnapshot(resource, context));
  const warehouses = findServerlessWarehouses(state, context.stamp);
  const keys = findKeys(state, buckets, snapshots.length + warehouses.length > 0);
  return { kept: [...buckets, ...keys, ...snapshots], warehouses };
}

/** A provisioned cluster makes its snapshot while it is deleted; its ARN is known before. */
function finalSnapshot(
  resource: StateResource,
  context: { partition: string; region: string; account: string },
): Kept[] {
  if (resource.kind !== 'aws_redshift_cluster' || resource.values.skip_final_snapshot === true) return [];
  const snapshot = text(resource, 'final_snapshot_identifier');
  const cluster = text(resource, 'cluster_identifier');
  if (snapshot === undefined || cluster === undefined) return [];
  const { partition, region, account } = context;
  const arn = `arn:${partition}:redshift:${region}:${account}:snapshot:${cluster}/${snapshot}`;
  return [{ kind: 'snapshot', name: snapshot, arn, why: 'the final snapshot of the warehouse', resources: [] }];
}

function findKeys(state: readonly StateResource[], buckets: readonly Kept[], snapshots: boolean): Kept[] {
  const readable = new Map<string, string>();
  for (const resource of state) {
    const bucket = text(resource, 'bucket');
    const isEncryption = resource.kind === 'aws_s3_bucket_server_side_encryption_configuration';
    if (isEncryption && buckets.some(({ name }) => name === bucket)) {
      for (const id of keyIds(resource.values.rule)) readable.set(id, `without it bucket ${bucket} cannot be read`);
    }
    const isWarehouse =
      resource.kind === 'aws_redshift_cluster' || resource.kind === 'aws_redshiftserverless_namespace';
    const id = isWarehouse && snapshots ? text(resource, 'kms_key_id') : undefined;
    if (id !== undefined && !readable.has(id)) readable.set(id, 'without it the snapshot cannot be restored');
  }
  return state.flatMap((resource) => {
    if (resource.kind !== 'aws_kms_key') return [];
    const id = text(resource, 'key_id') ?? '';
    const arn = text(resource, 'arn') ?? '';
    const aliases = state.filter(({ kind, values }) => kind === 'aws_kms_alias' && values.target_key_id === id);
    const names = aliases.flatMap((alias) => text(alias, 'name') ?? []);
    const why = [arn, id, ...names].map((name) => readable.get(name)).find((reason) => reason !== undefined);
    if (why === undefined) return [];
    return [{ kind: 'key' as const, name: names[0] ?? id, arn, why, resources: [resource, ...aliases].map(taken) }];
  });
}

/** `rule[].apply_server_side_encryption_by_default[].kms_master_key_id` */
function keyIds(rules: unknown): string[] {
  if (!Array.isArray(rules)) return [];
  return rules.flatMap((rule: { apply_server_side_encryption_by_default?: Array<{ kms_master_key_id?: unknown }> }) =>
    (rule.apply_server_side_encryption_by_default ?? []).flatMap(({ kms_master_key_id: id }) =>
      typeof id === 'string' && id !== '' ? [id] : [],
    ),
  );
}

function taken(resource: StateResource): { address: string; id: string } {
  return { address: resource.address, id: text(resource, 'id') ?? '' };
}
