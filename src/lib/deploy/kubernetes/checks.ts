import { UsageError } from '../../base/errors/mlops-error.js';
import { type KubernetesObject, nameOf } from '../../platform/kubernetes/objects.js';
import type { Release } from '../target.js';
import { manifestsLabel } from './folder.js';
import { architectureLabel, serverContainer } from './overlay.js';

interface WorkloadSpec {
  readonly replicas?: number;
  readonly template?: {
    readonly spec?: {
      readonly terminationGracePeriodSeconds?: number;
      readonly nodeSelector?: Readonly<Record<string, string>>;
      readonly affinity?: object;
      readonly containers?: readonly {
        readonly name: string;
        readonly image?: string;
        readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
        readonly lifecycle?: { readonly preStop?: { readonly sleep?: { readonly seconds?: number } } };
      }[];
    };
  };
}

interface ScalerSpec {
  readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string };
  readonly minReplicas?: number;
  readonly minReplicaCount?: number;
}

const defaultGraceS = 30;
/** For the process to end after its drain. */
const marginS = 5;

export function specOf<T>(object: KubernetesObject): T {
  return (object.spec ?? {}) as T;
}

/** What scales a Deployment, and the least that it scales it to. */
export function scalerOf(
  objects: readonly KubernetesObject[],
  deployment: string,
): { readonly object: KubernetesObject; readonly least: number } | undefined {
  const [first] = scalersOf(objects, deployment);
  if (first === undefined) return undefined;
  const { minReplicas, minReplicaCount } = specOf<ScalerSpec>(first);
  return { object: first, least: first.kind === 'ScaledObject' ? (minReplicaCount ?? 0) : (minReplicas ?? 1) };
}

export function isScaler({ kind, apiVersion }: KubernetesObject): boolean {
  if (kind === 'HorizontalPodAutoscaler') return apiVersion.startsWith('autoscaling/');
  return kind === 'ScaledObject' && apiVersion.startsWith('keda.sh/');
}

function scalersOf(objects: readonly KubernetesObject[], deployment: string): KubernetesObject[] {
  return objects.filter((object) => {
    const target = specOf<ScalerSpec>(object).scaleTargetRef;
    return isScaler(object) && target?.name === deployment && (target.kind ?? 'Deployment') === 'Deployment';
  });
}

/** What the API would take but nobody wants. Throws UsageError `MANIFEST_INVALID` with every problem. */
export function checkManifest(objects: readonly KubernetesObject[], release: Release): void {
  const problems: string[] = [];
  const deployments = objects.filter(({ kind, apiVersion }) => kind === 'Deployment' && apiVersion.startsWith('apps/'));
  const server = deployments.find(({ metadata }) => metadata.name === release.name);
  if (server === undefined) {
    problems.push(`there is no Deployment ${release.name} (mlops in the files, mlops deploy gives it its name)`);
  }
  if (server !== undefined) problems.push(...sharedPorts(server));
  if (server !== undefined && containerOf(server)?.image === undefined) {
    problems.push(`${nameOf(server)} has no container ${serverContainer}: it is the one that gets image and resources`);
  }
  for (const deployment of deployments) {
    const scalers = scalersOf(objects, deployment.metadata.name);
    const names = scalers.map(nameOf).join(' and ');
    if (scalers.length > 1) problems.push(`${names} would both set the replicas of ${nameOf(deployment)}: keep one`);
    if (scalers.length === 1 && specOf<WorkloadSpec>(deployment).replicas !== undefined) {
      problems.push(`${nameOf(deployment)} has replicas, which belong to ${names}: take them out`);
    }
  }
  if (problems.length === 0) return;
  throw new UsageError(`The manifests in ${manifestsLabel} would not work`, {
    code: 'MANIFEST_INVALID',
    why: problems.join('; '),
    actions: [`Look at them with: kubectl kustomize ${manifestsLabel}/overlay`],
  });
}

/** The container of the server in its Deployment. */
export function containerOf(deployment: KubernetesObject) {
  return containersOf(deployment).find(({ name }) => name === serverContainer);
}

function containersOf(deployment: KubernetesObject) {
  return specOf<WorkloadSpec>(deployment).template?.spec?.containers ?? [];
}

/** JSON pointer to the port `http` of the server when it is not that of the release. */
export function otherPort(objects: readonly KubernetesObject[], { name, port }: Release): string | undefined {
  const server = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
  const containers = server === undefined ? [] : containersOf(server);
  const at = containers.findIndex((container) => container.name === serverContainer);
  const ports = containers[at]?.ports ?? [];
  const index = ports.findIndex((one) => one.name === 'http');
  if (index === -1 || ports[index]?.containerPort === port) return undefined;
  return `/spec/template/spec/containers/${at}/ports/${index}/containerPort`;
}

/** Whether the user's files say themselves which nodes the server may run on, as for images of several platforms. */
export function choosesArchitecture(objects: readonly KubernetesObject[], { name }: Release): boolean {
  const server = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
  const pod = server === undefined ? undefined : specOf<WorkloadSpec>(server).template?.spec;
  const { nodeSelector, affinity } = pod ?? {};
  return JSON.stringify({ nodeSelector, affinity }).includes(`"${architectureLabel}"`);
}

/** The API takes two names for one port; the server would not start. */
function sharedPorts(server: KubernetesObject): string[] {
  const ports = containerOf(server)?.ports ?? [];
  const http = ports.find(({ name }) => name === 'http')?.containerPort;
  const metrics = ports.find(({ name }) => name === 'metrics')?.containerPort;
  if (http === undefined || http !== metrics) return [];
  const remedy = 'choose another port for the metrics, there and in MLOPS_METRICS_PORT';
  return [`${nameOf(server)} has ${http} as two ports, http and metrics: ${remedy}`];
}

/**
 * The grace period that the server needs, in seconds, when the one it has would cut requests off: preStop and the drain
 * have to fit in. Undefined when it is long enough.
 */
export function neededGrace(objects: readonly KubernetesObject[], { name, drainMs }: Release): number | undefined {
  const server = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
  if (server === undefined) return undefined;
  const pod = specOf<WorkloadSpec>(server).template?.spec;
  const preStops = (pod?.containers ?? []).map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0);
  const needed = Math.max(0, ...preStops) + drainMs / 1000;
  const grace = pod?.terminationGracePeriodSeconds ?? defaultGraceS;
  return grace > needed ? undefined : Math.ceil(needed) + marginS;
}
