import { groupVersion, type Resource, resources, rootPath } from './resources.js';

const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];
const version = { major: '1', minor: '32', gitVersion: 'v1.32.13', platform: 'linux/amd64' };

/** The answer to a path of discovery or OpenAPI; undefined when it is none. */
export function discover(path: string): unknown {
  if (path === '/version') return version;
  if (path === '/readyz') return 'ok';
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (path === '/apis') return groupList();
  if (path === '/openapi/v3') return openApiRoot();
  const openApi = resources.filter((one) => path === `/openapi/v3${rootPath(one)}`);
  if (openApi.length > 0) return openApiOf(openApi);
  const served = resources.filter((one) => path === rootPath(one));
  return served.length === 0 ? undefined : resourceList(served);
}

function groupList() {
  const groups = [...new Set(resources.flatMap(({ group }) => (group === '' ? [] : [group])))].map((name) => {
    const versions = [...new Set(resources.filter(({ group }) => group === name).map((one) => one.version))];
    const all = versions.map((one) => ({ groupVersion: `${name}/${one}`, version: one }));
    return { name, versions: all, preferredVersion: all[0] };
  });
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

function resourceList(served: readonly Resource[]) {
  const list = served.flatMap(({ plural, kind, shortNames = [], namespaced, subresources = [] }) => [
    { name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs, shortNames },
    ...subresources.map((name) => subresourceOf(plural, name, kind)),
  ]);
  const [first] = served as [Resource];
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: groupVersion(first), resources: list };
}

const foreign: Record<string, { group: string; version: string; kind: string }> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction' },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
};

function subresourceOf(plural: string, name: string, kind: string) {
  const common = {
    name: `${plural}/${name}`,
    singularName: '',
    namespaced: true,
    verbs: ['create', 'get', 'patch', 'update'],
  };
  return { ...common, ...(foreign[name] ?? { kind }) };
}

function openApiRoot() {
  const roots = [...new Set(resources.map(rootPath))];
  const entries = roots.map((path) => [path.slice(1), { serverRelativeURL: `/openapi/v3${path}?hash=1` }]);
  return { paths: Object.fromEntries(entries) };
}

/** As much as kubectl reads: that PATCH takes dryRun and fieldValidation, so that the server validates. */
function openApiOf(served: readonly Resource[]) {
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => {
    return { name, in: 'query', schema: { type: 'string', uniqueItems: true } };
  });
  const paths = served.map((one) => {
    const gvk = { group: one.group, version: one.version, kind: one.kind };
    const where = one.namespaced ? '/namespaces/{namespace}' : '';
    const patch = { parameters, responses: {}, 'x-kubernetes-action': 'patch', 'x-kubernetes-group-version-kind': gvk };
    return [`${rootPath(one)}${where}/${one.plural}/{name}`, { patch }];
  });
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.32.13' },
    paths: Object.fromEntries(paths),
    components: {},
  };
}
