import type { Kubectl } from '../../platform/kubernetes/kubectl.js';
import type { KubernetesObject } from '../../platform/kubernetes/objects.js';
import { scalerOf, specOf } from './checks.js';
import { fieldManager } from './options.js';

/** Holds the number of replicas from the first deploy on, until an autoscaler writes another one. */
export const replicasManager = 'mlops-replicas';

interface Found {
  readonly metadata: KubernetesObject['metadata'];
  readonly spec: { readonly replicas?: number };
}

export interface ReplicasPlan {
  /** Deployments that do not exist yet, with the number that they start with. */
  readonly first: ReadonlyMap<string, number>;
  /** Deployments whose number has to be held by `replicasManager` before the manifest is applied. */
  readonly hold: ReadonlyMap<string, number>;
}

/**
 * Who writes `replicas`. Where an autoscaler owns them the manifest has none, and Kubernetes would start a new Deployment
 * with 1 and drop an existing one to 1 when the field leaves the manifest of its only owner. So the number is handed over
 * first, as https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership describes it.
 */
export async function planReplicas(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<ReplicasPlan> {
  const first = new Map<string, number>();
  const hold = new Map<string, number>();
  const deployments = objects.filter(({ kind, apiVersion }) => kind === 'Deployment' && apiVersion.startsWith('apps/'));
  for (const deployment of deployments) {
    const { name } = deployment.metadata;
    const wanted = specOf<{ replicas?: number }>(deployment).replicas;
    const scaler = scalerOf(objects, name);
    if (wanted === undefined && scaler === undefined) continue;
    const found = await kubectl.find<Found>('Reading the Deployment', ['deployment', name, '--show-managed-fields']);
    if (found === undefined) {
      if (wanted === undefined && scaler !== undefined) first.set(name, scaler.least);
    } else if (wanted === undefined) {
      if (owns(found, fieldManager)) hold.set(name, found.spec.replicas ?? 1);
    } else if (owns(found, replicasManager)) {
      hold.set(name, wanted);
    }
  }
  return { first, hold };
}

function owns({ metadata }: Found, manager: string): boolean {
  return (metadata.managedFields ?? []).some((entry) => {
    const fields = entry.fieldsV1 as { 'f:spec'?: Record<string, unknown> } | undefined;
    return entry.manager === manager && entry.operation === 'Apply' && fields?.['f:spec']?.['f:replicas'] !== undefined;
  });
}

/** The manifest with a number for each of these Deployments. */
export function withReplicas(
  objects: readonly KubernetesObject[],
  numbers: ReadonlyMap<string, number>,
): KubernetesObject[] {
  return objects.map((object) => {
    const replicas = object.kind === 'Deployment' ? numbers.get(object.metadata.name) : undefined;
    return replicas === undefined ? object : { ...object, spec: { ...specOf<object>(object), replicas } };
  });
}

/** Objects that claim the number of replicas and nothing else. */
export function replicasOnly(
  objects: readonly KubernetesObject[],
  numbers: ReadonlyMap<string, number>,
): KubernetesObject[] {
  return objects.flatMap(({ apiVersion, kind, metadata }) => {
    const replicas = kind === 'Deployment' ? numbers.get(metadata.name) : undefined;
    if (replicas === undefined) return [];
    const { name, namespace } = metadata;
    return [
      { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, spec: { replicas } },
    ];
  });
}
