import { forbidden } from './api-status.js';
import type { JsonObject } from './fields.js';
import type { Address } from './resources.js';
import { metaOf, type Store } from './store.js';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Throws 403 unless a Role of the namespace, bound to the service account, allows it. `admin` may do everything. */
export function authorize(store: Store, user: string, verb: string, address: Address): void {
  if (user === 'admin') return;
  const { resource, namespace, name, subresource } = address;
  const plural = subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`;
  const allowed = rulesOf(store, user, namespace).some(
    ({ apiGroups, resources, verbs }) =>
      (apiGroups.includes(resource.group) || apiGroups.includes('*')) &&
      (resources.includes(plural) || resources.includes('*')) &&
      (verbs.includes(verb) || verbs.includes('*')),
  );
  if (!allowed) throw forbidden({ user, verb, plural, group: resource.group, namespace, name });
}

function rulesOf(store: Store, user: string, namespace: string | undefined): Rule[] {
  const [, , inNamespace, account] = user.split(':');
  const bindings = store.all('RoleBinding').filter((binding) => {
    const subjects = (binding.subjects ?? []) as JsonObject[];
    const isSubject = subjects.some(
      ({ name, namespace: of }) => name === account && (of ?? inNamespace) === inNamespace,
    );
    return metaOf(binding).namespace === namespace && isSubject;
  });
  const names = bindings.map(({ roleRef }) => (roleRef as JsonObject).name);
  const roles = store
    .all('Role')
    .filter((role) => metaOf(role).namespace === namespace && names.includes(metaOf(role).name ?? ''));
  return roles.flatMap(({ rules }) => rules as unknown as Rule[]);
}
