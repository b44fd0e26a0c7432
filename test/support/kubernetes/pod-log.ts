import { notFound } from './api-status.js';
import type { JsonObject } from './fields.js';
import { fateOf } from './pod-fate.js';
import type { Address } from './resources.js';
import type { Store } from './store.js';

/** What the program of a pod wrote before it ended. */
export function logOf(store: Store, { resource, namespace, name = '' }: Address): string {
  const pod = store.get(resource, namespace, name)?.object;
  if (pod === undefined) throw notFound('pods', name);
  const fate = fateOf(pod.spec as JsonObject);
  return fate.kind === 'crash' ? `${fate.log}\n` : '';
}
