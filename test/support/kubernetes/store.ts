import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { isMap, type JsonObject } from './fields.js';
import { managedFields, type Owned } from './ownership.js';
import { groupVersion, type Resource, resources } from './resources.js';

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: Resource;
  readonly object: JsonObject;
}

/** The objects of the stand-in, with versions, generations and who owns which field. */
export class Store {
  readonly changes = new EventEmitter<{ change: [Change] }>();
  readonly #objects = new Map<string, Owned>();
  #version = 1;

  get version(): string {
    return String(this.#version);
  }

  get(resource: Resource, namespace: string | undefined, name: string): Owned | undefined {
    const found = this.#objects.get(keyOf(resource, namespace, name));
    return found === undefined ? undefined : { object: structuredClone(found.object), owners: [...found.owners] };
  }

  /** As the API shows it. */
  show(resource: Resource, namespace: string | undefined, name: string): JsonObject | undefined {
    const found = this.get(resource, namespace, name);
    return found === undefined ? undefined : withOwners(found);
  }

  list(resource: Resource, namespace?: string): JsonObject[] {
    const prefix = `${groupVersion(resource)}/${resource.plural}/`;
    return [...this.#objects].flatMap(([key, { object }]) => {
      if (!key.startsWith(prefix)) return [];
      const inside = namespace === undefined || metaOf(object).namespace === namespace;
      return inside ? [structuredClone(object)] : [];
    });
  }

  /** Of every namespace, by kind. */
  all(kind: string): JsonObject[] {
    return this.list(resourceOf(kind));
  }

  put(resource: Resource, owned: Owned): JsonObject {
    const { name, namespace } = metaOf(owned.object);
    const key = keyOf(resource, namespace as string | undefined, String(name));
    const before = this.#objects.get(key)?.object;
    const object: JsonObject = { ...owned.object, apiVersion: groupVersion(resource), kind: resource.kind };
    const meta = metaOf(object);
    meta.uid ??= randomUUID();
    meta.creationTimestamp ??= new Date().toISOString();
    if (before === undefined) meta.generation = 1;
    else if (!isDeepStrictEqual(before.spec, object.spec)) meta.generation = Number(meta.generation) + 1;
    if (before !== undefined && isDeepStrictEqual(before, object)) {
      this.#objects.set(key, { object, owners: owned.owners });
    } else {
      meta.resourceVersion = String(++this.#version);
      this.#objects.set(key, { object, owners: owned.owners });
      this.changes.emit('change', {
        type: before === undefined ? 'ADDED' : 'MODIFIED',
        resource,
        object: structuredClone(object),
      });
    }
    return withOwners({ object: structuredClone(object), owners: owned.owners });
  }

  /** What a controller writes: owners stay as they are. */
  write(kind: string, object: JsonObject): void {
    const resource = resourceOf(kind);
    const { name, namespace } = metaOf(object);
    const owners = this.get(resource, namespace as string | undefined, String(name))?.owners ?? [];
    this.put(resource, { object, owners });
  }

  delete(resource: Resource, namespace: string | undefined, name: string): JsonObject | undefined {
    const key = keyOf(resource, namespace, name);
    const found = this.#objects.get(key);
    if (found === undefined) return undefined;
    this.#objects.delete(key);
    this.#version++;
    this.changes.emit('change', { type: 'DELETED', resource, object: found.object });
    return found.object;
  }
}

export function metaOf(object: JsonObject): JsonObject {
  if (!isMap(object.metadata)) object.metadata = {};
  return object.metadata as JsonObject;
}

export function resourceOf(kind: string): Resource {
  const found = resources.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`The stand-in has no ${kind}`);
  return found;
}

function keyOf(resource: Resource, namespace: string | undefined, name: string): string {
  return `${groupVersion(resource)}/${resource.plural}/${namespace ?? ''}/${name}`;
}

function withOwners({ object, owners }: Owned): JsonObject {
  return { ...object, metadata: { ...(object.metadata as JsonObject), managedFields: managedFields(owners) } };
}
