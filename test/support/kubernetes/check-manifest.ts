import { isDeepStrictEqual } from 'node:util';
import * as client from '@kubernetes/client-node';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

interface TypeMap {
  getAttributeTypeMap(): readonly { readonly baseName: string; readonly type: string }[];
}

interface Model {
  validate(): void;
}

type Models = Record<string, (new (data: unknown) => Model) | undefined>;

/** Schemas with values, by API. */
const schemas: Readonly<Record<string, () => Promise<unknown>>> = {
  v1: () => import('kubernetes-models/v1'),
  'apps/v1': () => import('kubernetes-models/apps/v1'),
  'autoscaling/v2': () => import('kubernetes-models/autoscaling/v2'),
  'policy/v1': () => import('kubernetes-models/policy/v1'),
  'networking.k8s.io/v1': () => import('kubernetes-models/networking.k8s.io/v1'),
  'coordination.k8s.io/v1': () => import('kubernetes-models/coordination.k8s.io/v1'),
  'rbac.authorization.k8s.io/v1': () => import('kubernetes-models/rbac.authorization.k8s.io/v1'),
  'keda.sh/v1alpha1': () => import('@kubernetes-models/keda/keda.sh/v1alpha1'),
};

/** APIs of operators, whose fields no client of Kubernetes knows. */
const operators = new Set(['keda.sh/v1alpha1', 'autoscaling.k8s.io/v1', 'monitoring.coreos.com/v1']);

/**
 * What is wrong with a manifest, without a cluster: values by kubernetes-models, names of fields by the type maps of
 * @kubernetes/client-node, and that a workload selects its own pods. Each of the three misses what the others find.
 */
export async function manifestProblems(manifest: Manifest): Promise<string[]> {
  return [...(await valueProblems(manifest)), ...fieldProblems(manifest), ...selectorProblems(manifest)];
}

async function valueProblems(manifest: Manifest): Promise<string[]> {
  const models = (await schemas[manifest.apiVersion]?.()) as Models | undefined;
  // Without a schema here, the names of the fields are what is checked, or nothing.
  if (models === undefined) return [];
  const Found = models[manifest.kind];
  if (Found === undefined) return [`${manifest.apiVersion} ${manifest.kind} is unknown`];
  try {
    new Found(manifest).validate();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Unknown fields, at any depth. */
export function fieldProblems(manifest: Manifest): string[] {
  if (operators.has(manifest.apiVersion)) return [];
  const version = manifest.apiVersion.split('/').at(-1) ?? '';
  const name = `${version.charAt(0).toUpperCase()}${version.slice(1)}${manifest.kind}`;
  if (typeMap(name) === undefined) return [`no match for kind "${manifest.kind}" in version "${manifest.apiVersion}"`];
  return walk(name, manifest, '');
}

function typeMap(name: string): TypeMap | undefined {
  const found = (client as unknown as Record<string, TypeMap | undefined>)[name];
  return typeof found?.getAttributeTypeMap === 'function' ? found : undefined;
}

function walk(type: string, value: unknown, path: string): string[] {
  const element = /^Array<(.+)>$/.exec(type)?.[1];
  if (element !== undefined) {
    return Array.isArray(value) ? value.flatMap((item, index) => walk(element, item, `${path}[${index}]`)) : [];
  }
  const map = typeMap(type);
  if (map === undefined || typeof value !== 'object' || value === null) return [];
  const attributes = new Map(map.getAttributeTypeMap().map((one) => [one.baseName, one.type]));
  return Object.entries(value).flatMap(([key, child]) => {
    const next = attributes.get(key);
    return next === undefined ? [`unknown field "${`${path}.${key}`.slice(1)}"`] : walk(next, child, `${path}.${key}`);
  });
}

function selectorProblems(manifest: Manifest): string[] {
  const spec = manifest.spec as
    | {
        selector?: { matchLabels?: Record<string, string> };
        template?: { metadata?: { labels?: Record<string, string> } };
      }
    | undefined;
  if (spec?.template === undefined) return [];
  const labels = spec.template.metadata?.labels ?? {};
  const selected = Object.entries(spec.selector?.matchLabels ?? {});
  const fits = selected.length > 0 && selected.every(([key, value]) => isDeepStrictEqual(labels[key], value));
  return fits ? [] : ['`selector` does not match template `labels`'];
}
