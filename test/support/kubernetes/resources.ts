/** What the stand-in serves, as discovery tells it. */
export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly namespaced: boolean;
  readonly subresources?: readonly string[];
}

const namespaced = true;

const builtIn: readonly Resource[] = [
  { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', shortNames: ['ns'], namespaced: false },
  {
    group: '',
    version: 'v1',
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    namespaced,
    subresources: ['log', 'eviction', 'portforward'],
  },
  { group: '', version: 'v1', kind: 'Service', plural: 'services', shortNames: ['svc'], namespaced },
  {
    group: '',
    version: 'v1',
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    shortNames: ['sa'],
    namespaced,
    subresources: ['token'],
  },
  { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced },
  { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', shortNames: ['cm'], namespaced },
  { group: '', version: 'v1', kind: 'Event', plural: 'events', shortNames: ['ev'], namespaced },
  { group: '', version: 'v1', kind: 'ResourceQuota', plural: 'resourcequotas', shortNames: ['quota'], namespaced },
  {
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    namespaced,
    subresources: ['scale'],
  },
  { group: 'apps', version: 'v1', kind: 'ReplicaSet', plural: 'replicasets', shortNames: ['rs'], namespaced },
  {
    group: 'autoscaling',
    version: 'v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    shortNames: ['hpa'],
    namespaced,
  },
  {
    group: 'policy',
    version: 'v1',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    namespaced,
  },
  {
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    shortNames: ['netpol'],
    namespaced,
  },
  { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', namespaced },
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role', plural: 'roles', namespaced },
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding', plural: 'rolebindings', namespaced },
];

export const resources: readonly Resource[] = builtIn;

export function groupVersion({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `/api/v1` or `/apis/apps/v1`. */
export function rootPath(resource: Resource): string {
  return resource.group === '' ? `/api/${resource.version}` : `/apis/${groupVersion(resource)}`;
}

export interface Address {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** The resource that a path of the API names; undefined when there is none. */
export function parsePath(path: string): Address | undefined {
  const match =
    /^\/(?:api\/(v1)|apis\/([^/]+)\/([^/]+))(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
      path,
    );
  if (match !== null) {
    const [, core, group = '', version = core, namespace, plural, name, subresource] = match;
    const resource = resources.find((one) => one.group === group && one.version === version && one.plural === plural);
    if (resource?.namespaced) return { resource, namespace, name, subresource };
  }
  const cluster = /^\/api\/v1\/namespaces(?:\/([^/]+))?$/.exec(path);
  if (cluster === null) return undefined;
  const resource = resources.find(({ plural }) => plural === 'namespaces');
  return resource === undefined
    ? undefined
    : { resource, namespace: undefined, name: cluster[1], subresource: undefined };
}
