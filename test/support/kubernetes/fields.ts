import { isDeepStrictEqual } from 'node:util';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
/** Elements as managed fields have them: `f:name`, `k:{"name":"web"}`. */
export type FieldPath = readonly string[];
/** Path as JSON text -> value. */
export type Leaves = Map<string, Json>;

/** By which fields the elements of a list are told apart (x-kubernetes-list-map-keys). Other lists are one value. */
const listKeys: Readonly<Record<string, readonly (readonly string[])[]>> = {
  containers: [['name']],
  initContainers: [['name']],
  volumes: [['name']],
  env: [['name']],
  imagePullSecrets: [['name']],
  volumeMounts: [['mountPath']],
  ports: [
    ['containerPort', 'protocol'],
    ['port', 'protocol'],
  ],
  topologySpreadConstraints: [['topologyKey', 'whenUnsatisfiable']],
};
/** x-kubernetes-map-type: atomic */
const atomicMaps = new Set(['selector', 'labelSelector', 'podSelector', 'scaleTargetRef', 'targetRef']);
const neverOwned = new Set(['apiVersion', 'kind', 'status']);
const neverOwnedMeta = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'managedFields',
]);

/** Every field that somebody can own, with its value. */
export function leavesOf(object: JsonObject): Leaves {
  const leaves: Leaves = new Map();
  for (const [key, value] of Object.entries(object)) {
    if (neverOwned.has(key)) continue;
    if (key !== 'metadata') collect([`f:${key}`], key, value, leaves);
    else {
      for (const [name, field] of Object.entries(value as JsonObject)) {
        if (!neverOwnedMeta.has(name)) collect(['f:metadata', `f:${name}`], name, field, leaves);
      }
    }
  }
  return leaves;
}

function collect(path: FieldPath, name: string, value: Json, leaves: Leaves): void {
  if (Array.isArray(value)) {
    const keys = keysOf(name, value);
    if (keys === undefined) leaves.set(JSON.stringify(path), value);
    else for (const item of value as JsonObject[]) collectMap([...path, elementKey(item, keys)], item, leaves);
  } else if (typeof value === 'object' && value !== null && !atomicMaps.has(name)) {
    collectMap(path, value, leaves);
  } else {
    leaves.set(JSON.stringify(path), value);
  }
}

function collectMap(path: FieldPath, value: JsonObject, leaves: Leaves): void {
  const entries = Object.entries(value);
  if (entries.length === 0) leaves.set(JSON.stringify(path), {});
  for (const [key, field] of entries) collect([...path, `f:${key}`], key, field, leaves);
}

function keysOf(name: string, list: readonly Json[]): readonly string[] | undefined {
  return listKeys[name]?.find((keys) =>
    list.every((item) => typeof item === 'object' && item !== null && (keys[0] as string) in item),
  );
}

function elementKey(item: JsonObject, keys: readonly string[]): string {
  return `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key] ?? 'TCP'])))}`;
}

/** Puts a value where the path leads, making what is missing on the way. */
export function setAt(object: JsonObject, path: FieldPath, value: Json): void {
  const [first = '', ...rest] = path;
  const key = first.slice(2);
  if (rest.length === 0) {
    object[key] = structuredClone(value);
    return;
  }
  const [next = ''] = rest;
  if (!next.startsWith('k:')) {
    object[key] = isMap(object[key]) ? object[key] : {};
    setAt(object[key] as JsonObject, rest, value);
    return;
  }
  const list = (Array.isArray(object[key]) ? object[key] : []) as JsonObject[];
  object[key] = list;
  const wanted = JSON.parse(next.slice(2)) as JsonObject;
  let item = list.find((one) => matches(one, wanted));
  if (item === undefined) {
    item = { ...wanted };
    list.push(item);
  }
  if (rest.length > 1) setAt(item, rest.slice(1), value);
}

/** Removes a field, and list elements and maps that become empty by it. */
export function removeAt(object: JsonObject, path: FieldPath): void {
  const [first = '', ...rest] = path;
  const key = first.slice(2);
  if (rest.length === 0) {
    delete object[key];
    return;
  }
  const child = object[key];
  const [next = ''] = rest;
  if (Array.isArray(child) && next.startsWith('k:')) {
    const wanted = JSON.parse(next.slice(2)) as JsonObject;
    const item = (child as JsonObject[]).find((one) => matches(one, wanted));
    if (item !== undefined) removeAt(item, rest.slice(1));
    object[key] = (child as JsonObject[]).filter((one) => one !== item || Object.keys(one).length > 0);
    if ((object[key] as Json[]).length === 0) delete object[key];
  } else if (isMap(child)) {
    removeAt(child, rest);
    if (Object.keys(child).length === 0) delete object[key];
  }
}

function matches(item: JsonObject, wanted: JsonObject): boolean {
  return Object.entries(wanted).every(([key, value]) => isDeepStrictEqual(item[key] ?? 'TCP', value));
}

export function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `.spec.template.spec.containers[name="web"].image`, as conflicts name a field. */
export function pathText(path: FieldPath): string {
  return path
    .map((element) => {
      if (element.startsWith('f:')) return `.${element.slice(2)}`;
      const keys = Object.entries(JSON.parse(element.slice(2)) as JsonObject);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}

/** fieldsV1 of these paths. */
export function fieldsV1(paths: Iterable<string>): JsonObject {
  const tree: JsonObject = {};
  for (const text of paths) {
    let node = tree;
    for (const element of JSON.parse(text) as string[]) {
      node[element] ??= {};
      node = node[element] as JsonObject;
    }
  }
  return tree;
}
