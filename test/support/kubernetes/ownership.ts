import { isDeepStrictEqual } from 'node:util';
import { ApiError } from './api-status.js';
import { fieldsV1, type Json, type JsonObject, leavesOf, pathText, removeAt, setAt } from './fields.js';

export interface Owner {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource: string | undefined;
  readonly apiVersion: string;
  readonly paths: Set<string>;
}

export interface Owned {
  object: JsonObject;
  owners: Owner[];
}

/** Server-side apply: merges, remembers who owns what, and refuses to take fields from others unless forced. */
export function applyConfiguration(live: Owned, config: JsonObject, manager: string, force: boolean): Owned {
  const wanted = leavesOf(config);
  const current = leavesOf(live.object);
  const apiVersion = String(config.apiVersion);
  const isMe = (owner: Owner) => owner.manager === manager && owner.operation === 'Apply';
  const others = live.owners.filter((owner) => !isMe(owner));
  const conflicts: { owner: Owner; path: string }[] = [];
  for (const [path, value] of wanted) {
    if (!current.has(path) || isDeepStrictEqual(current.get(path), value)) continue;
    for (const owner of others) if (owner.paths.has(path)) conflicts.push({ owner, path });
  }
  if (conflicts.length > 0 && !force) throw conflictError(conflicts);
  const object = structuredClone(live.object);
  for (const [path, value] of wanted) setAt(object, JSON.parse(path) as string[], value);
  const before = live.owners.find(isMe)?.paths ?? new Set<string>();
  for (const path of before) {
    const isOwned = wanted.has(path) || others.some(({ paths }) => paths.has(path));
    if (!isOwned) removeAt(object, JSON.parse(path) as string[]);
  }
  const taken = new Set(conflicts.map(({ path }) => path));
  const left = others.map((owner) => ({ ...owner, paths: without(owner.paths, taken) }));
  const mine: Owner = {
    manager,
    operation: 'Apply',
    subresource: undefined,
    apiVersion,
    paths: new Set(wanted.keys()),
  };
  return { object, owners: [...left, mine].filter(({ paths }) => paths.size > 0) };
}

/** Any other write: who changes a field owns it. */
export function updateObject(live: Owned, object: JsonObject, manager: string, subresource?: string): Owned {
  const before = leavesOf(live.object);
  const after = leavesOf(object);
  const changed = new Set(
    [...after].filter(([path, value]) => !isDeepStrictEqual(before.get(path), value)).map(([path]) => path),
  );
  const gone = new Set([...before.keys()].filter((path) => !after.has(path)));
  const touched = new Set([...changed, ...gone]);
  const isMe = (owner: Owner) =>
    owner.manager === manager && owner.operation === 'Update' && owner.subresource === subresource;
  const mine = live.owners.find(isMe)?.paths ?? new Set<string>();
  const others = live.owners
    .filter((owner) => !isMe(owner))
    .map((owner) => ({ ...owner, paths: without(owner.paths, touched) }));
  const apiVersion = String(object.apiVersion);
  const me: Owner = {
    manager,
    operation: 'Update',
    subresource,
    apiVersion,
    paths: new Set([...without(mine, gone), ...changed]),
  };
  return { object, owners: [...others, me].filter(({ paths }) => paths.size > 0) };
}

export function managedFields(owners: readonly Owner[]): Json[] {
  return owners.map(({ manager, operation, subresource, apiVersion, paths }) => ({
    manager,
    operation,
    apiVersion,
    fieldsType: 'FieldsV1',
    ...(subresource === undefined ? {} : { subresource }),
    fieldsV1: fieldsV1(paths),
  }));
}

function without(paths: Set<string>, others: Set<string>): Set<string> {
  return new Set([...paths].filter((path) => !others.has(path)));
}

/** The texts of k8s.io/apimachinery, managedfields/internal/conflict.go. */
function conflictError(conflicts: readonly { owner: Owner; path: string }[]): ApiError {
  const causes = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${ownerText(owner)}`,
    field: pathText(JSON.parse(path) as string[]),
  }));
  const [first] = causes;
  if (causes.length === 1 && first !== undefined) {
    return new ApiError(409, 'Conflict', `Apply failed with 1 conflict: ${first.message}: ${first.field}`, { causes });
  }
  const byOwner = Map.groupBy(causes, ({ message }) => message.replace('conflict with', 'conflicts with'));
  const parts = [...byOwner]
    .toSorted()
    .map(([text, list]) => [`${text}:`, ...list.map(({ field }) => `- ${field}`)].join('\n'));
  return new ApiError(409, 'Conflict', `Apply failed with ${causes.length} conflicts: ${parts.join('\n')}`, { causes });
}

function ownerText({ manager, operation, subresource, apiVersion }: Owner): string {
  const via = subresource === undefined ? '' : ` with subresource "${subresource}"`;
  return `"${manager}"${via}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
