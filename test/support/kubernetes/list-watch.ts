import type { ServerResponse } from 'node:http';
import type { JsonObject } from './fields.js';
import { type Address, groupVersion } from './resources.js';
import { type Change, metaOf, type Store } from './store.js';

/** LIST, filtered by labels and by the few fields that kubectl asks for. */
export function list(store: Store, address: Address, query: URLSearchParams): JsonObject {
  const { resource, namespace } = address;
  const fits = selects(query);
  const items = store.list(resource, namespace).filter(fits);
  return {
    kind: `${resource.kind}List`,
    apiVersion: groupVersion(resource),
    metadata: { resourceVersion: store.version },
    items,
  };
}

/** WATCH: a line for every change until the client goes away or its time is over. */
export function watch(store: Store, address: Address, query: URLSearchParams, response: ServerResponse): void {
  const { resource, namespace } = address;
  const fits = selects(query);
  const send = (type: string, object: JsonObject) => response.write(`${JSON.stringify({ type, object })}\n`);
  const onChange = (change: Change) => {
    const inside = namespace === undefined || metaOf(change.object).namespace === namespace;
    if (change.resource === resource && inside && fits(change.object)) send(change.type, change.object);
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  if (!query.has('resourceVersion'))
    for (const object of store.list(resource, namespace).filter(fits)) send('ADDED', object);
  store.changes.on('change', onChange);
  const end = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 600) * 1000);
  response.once('close', () => {
    clearTimeout(end);
    store.changes.off('change', onChange);
  });
}

function selects(query: URLSearchParams): (object: JsonObject) => boolean {
  const labels = pairs(query.get('labelSelector'));
  const fields = pairs(query.get('fieldSelector'));
  return (object) => {
    const of = (metaOf(object).labels ?? {}) as JsonObject;
    return (
      labels.every(([key, value]) => of[key] === value) && fields.every(([key, value]) => at(object, key) === value)
    );
  };
}

function pairs(selector: string | null): [string, string][] {
  return (selector ?? '')
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [key = '', value = ''] = part.split(/==?/);
      return [key, value];
    });
}

function at(object: JsonObject, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as JsonObject | undefined)?.[key], object);
}
