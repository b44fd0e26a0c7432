import { randomUUID } from 'node:crypto';
import { ApiError, alreadyExists, evictionRefused, notFound, outdated } from './api-status.js';
import { fieldProblems, type Manifest, manifestProblems } from './check-manifest.js';
import { isMap, type Json, type JsonObject } from './fields.js';
import { applyConfiguration, type Owned, updateObject } from './ownership.js';
import { type Address, groupVersion } from './resources.js';
import { metaOf, resourceOf, type Store } from './store.js';
import { isReady } from './workload-status.js';

export interface Write {
  readonly address: Address;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  /** Of the request's User-Agent, for writes that name no field manager. */
  readonly agent: string;
}

/** Server-side apply. */
export async function applyPatch(store: Store, { address, query, body }: Write): Promise<JsonObject> {
  const { resource, namespace, name = '' } = address;
  const manager = query.get('fieldManager') ?? '';
  const live = store.get(resource, namespace, name);
  requireNamespace(store, address);
  const unknown = fieldProblems(body as unknown as Manifest);
  if (unknown.length > 0) {
    const fields = unknown.map((text) => `.${/"(.*)"/.exec(text)?.[1]}: field not declared in schema`).join(', ');
    throw new ApiError(
      500,
      '',
      `failed to create typed patch object (${namespace}/${name}; ${groupVersion(resource)}, Kind=${resource.kind}): ${fields}`,
    );
  }
  const base: Owned = live ?? {
    object: { metadata: { name, ...(namespace === undefined ? {} : { namespace }) } },
    owners: [],
  };
  const merged = applyConfiguration(base, body, manager, query.get('force') === 'true');
  await validate(merged.object, address);
  return save(store, address, withDefaults(merged), query);
}

export async function create(store: Store, { address, query, body, agent }: Write): Promise<JsonObject> {
  const { resource, namespace } = address;
  const name = String(metaOf(body).name);
  requireNamespace(store, address);
  if (store.get(resource, namespace, name) !== undefined) throw alreadyExists(resource.plural, name);
  if (namespace !== undefined) metaOf(body).namespace = namespace;
  await validate(body, { ...address, name });
  const manager = query.get('fieldManager') ?? agent;
  const owned = updateObject({ object: {}, owners: [] }, body, manager);
  return save(store, { ...address, name }, withDefaults(owned), query);
}

/** PUT, and PATCH by merge or strategic merge, as far as kubectl's own commands need them. */
export async function update(store: Store, write: Write, isPatch: boolean): Promise<JsonObject> {
  const { address, query, body, agent } = write;
  const { resource, namespace, name = '' } = address;
  const live = store.get(resource, namespace, name);
  if (live === undefined) throw notFound(resource.plural, name);
  const based = metaOf(body).resourceVersion ?? '';
  if (based !== '' && based !== metaOf(live.object).resourceVersion) throw outdated(resource.plural, name);
  const next = isPatch ? (merge(live.object, body) as JsonObject) : { ...body };
  await validate(next, address);
  return save(store, address, updateObject(live, next, query.get('fieldManager') ?? agent), query);
}

/** `kubectl scale` reads and writes the subresource. */
export function scale(store: Store, { address, query, body, agent }: Write, isRead: boolean): JsonObject {
  const { resource, namespace, name = '' } = address;
  const live = store.get(resource, namespace, name);
  if (live === undefined) throw notFound(resource.plural, name);
  const before = live.object.spec as JsonObject;
  const replicas = isRead ? Number(before.replicas ?? 1) : Number((body.spec as JsonObject).replicas);
  if (!isRead) {
    const object = { ...live.object, spec: { ...before, replicas } };
    save(store, address, updateObject(live, object, query.get('fieldManager') ?? agent, 'scale'), query);
  }
  const { uid = '', resourceVersion = '' } = metaOf(live.object);
  const metadata = { name, namespace: namespace ?? '', uid, resourceVersion };
  return { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata, spec: { replicas }, status: { replicas } };
}

/** Refused with 429 when a PodDisruptionBudget would be violated. */
export function evict(store: Store, address: Address): JsonObject {
  const { resource, namespace = '', name = '' } = address;
  const pod = store.get(resource, namespace, name)?.object;
  if (pod === undefined) throw notFound('pods', name);
  const labels = (metaOf(pod).labels ?? {}) as JsonObject;
  for (const budget of store.all('PodDisruptionBudget')) {
    if (metaOf(budget).namespace !== namespace) continue;
    const spec = budget.spec as JsonObject;
    const selector = ((spec.selector as JsonObject).matchLabels ?? {}) as JsonObject;
    const isMatch = (of: JsonObject) => Object.entries(selector).every(([key, value]) => of[key] === value);
    if (!isMatch(labels)) continue;
    const pods = store.list(resource, namespace).filter((one) => isMatch((metaOf(one).labels ?? {}) as JsonObject));
    const wanted = expectedPods(store, namespace, isMatch);
    const desired = wanted - Number(spec.maxUnavailable ?? 0);
    const healthy = pods.filter(isReady).length;
    if (healthy - 1 < desired) throw evictionRefused(name, String(metaOf(budget).name), healthy, desired);
  }
  store.delete(resource, namespace, name);
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
}

function expectedPods(store: Store, namespace: string, isMatch: (labels: JsonObject) => boolean): number {
  const deployments = store.all('Deployment').filter((one) => {
    const template = (one.spec as JsonObject).template as JsonObject;
    return metaOf(one).namespace === namespace && isMatch((metaOf(template).labels ?? {}) as JsonObject);
  });
  return deployments.reduce((sum, one) => sum + Number((one.spec as JsonObject).replicas ?? 1), 0);
}

/** `kubectl create token`; the stand-in's tokens name their owner. */
export function token(address: Address): JsonObject {
  const user = `system:serviceaccount:${address.namespace}:${address.name}`;
  const status = {
    token: Buffer.from(user).toString('base64url'),
    expirationTimestamp: new Date(Date.now() + 3.6e6).toISOString(),
  };
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: address.name ?? '' },
    spec: { audiences: [] },
    status,
  };
}

function requireNamespace(store: Store, { namespace }: Address): void {
  if (namespace === undefined || store.get(resourceOf('Namespace'), undefined, namespace) !== undefined) return;
  throw notFound('namespaces', namespace);
}

async function validate(object: JsonObject, { resource, name = '' }: Address): Promise<void> {
  const manifest = { ...structuredClone(object), apiVersion: groupVersion(resource), kind: resource.kind };
  delete (manifest as JsonObject).status;
  const problems = await manifestProblems(manifest as unknown as Manifest);
  if (problems.length === 0) return;
  const group = resource.group === '' ? '' : `.${resource.group}`;
  throw new ApiError(422, 'Invalid', `${resource.kind}${group} "${name}" is invalid: ${problems.join(', ')}`, {
    name,
    group: resource.group,
    kind: resource.kind,
    causes: problems.map((message) => ({ message })),
  });
}

function withDefaults(owned: Owned): Owned {
  const object = structuredClone(owned.object);
  if (isMap(object.spec) && isMap(object.spec.template)) object.spec.replicas ??= 1;
  if (isMap(object.stringData)) {
    const entries = Object.entries(object.stringData).map(([key, value]) => [
      key,
      Buffer.from(String(value)).toString('base64'),
    ]);
    object.data = { ...(object.data as JsonObject | undefined), ...(Object.fromEntries(entries) as JsonObject) };
    delete object.stringData;
  }
  return { object, owners: owned.owners };
}

function save(store: Store, address: Address, owned: Owned, query: URLSearchParams): JsonObject {
  if (query.get('dryRun') !== 'All') return store.put(address.resource, owned);
  const { resource, namespace, name = '' } = address;
  const live = store.get(resource, namespace, name)?.object;
  const meta = metaOf(owned.object);
  meta.uid ??= live === undefined ? randomUUID() : (metaOf(live).uid ?? '');
  return { ...owned.object, apiVersion: groupVersion(resource), kind: resource.kind };
}

/** JSON merge patch (RFC 7396), and lists of containers by name as in a strategic one. */
function merge(target: Json, patch: Json): Json {
  if (Array.isArray(patch) && Array.isArray(target) && patch.every((item) => isMap(item) && 'name' in item)) {
    const named = patch as JsonObject[];
    const kept = (target as JsonObject[]).map((item) => {
      const change = named.find(({ name }) => name === item.name);
      return change === undefined ? item : merge(item, change);
    });
    return [...kept, ...named.filter(({ name }) => !(target as JsonObject[]).some((item) => item.name === name))];
  }
  if (!isMap(patch)) return structuredClone(patch);
  const result: JsonObject = isMap(target) ? structuredClone(target) : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    if (value === null) delete result[key];
    else result[key] = merge(result[key] ?? null, value);
  }
  return result;
}
