import type { Kubectl } from '../../platform/kubernetes/kubectl.js';
import type { Deployment } from '../../platform/kubernetes/rollout/types.js';
import type { TargetStatus } from '../target.js';
import { endpointOf, type FoundService } from './endpoint.js';
import { History, type Revision } from './history.js';
import { serverContainer } from './overlay.js';

interface Autoscaler {
  readonly spec: {
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
    readonly minReplicas?: number;
    readonly maxReplicas: number;
  };
  readonly status?: { readonly currentReplicas?: number };
}

const mostListed = 10;

export async function readStatus(kubectl: Kubectl, name: string, history: History): Promise<TargetStatus> {
  const [deployment, service, autoscalers, revisions] = await Promise.all([
    kubectl.find<Deployment>('Reading the Deployment', ['deployment', name]),
    kubectl.find<FoundService>('Reading the Service', ['service', name]),
    kubectl.get<{ items: Autoscaler[] }>('Reading the autoscalers', ['horizontalpodautoscalers']),
    history.list(),
  ]);
  // KEDA's autoscaler has a name of its own, so it is found by what it scales.
  const scaler = autoscalers.items.find(({ spec }) => {
    return spec.scaleTargetRef.kind === 'Deployment' && spec.scaleTargetRef.name === name;
  });
  const serving = revisions.find(({ result }) => result === 'serving');
  const live = History.live(revisions);
  const containers = deployment?.spec.template.spec.containers ?? [];
  const server = containers.find(({ name: called }) => called === serverContainer) ?? containers[0];
  return {
    image: server?.image,
    revision: serving?.revision,
    ...(live === undefined || live.revision === serving?.revision ? {} : { unfinished: live.revision }),
    endpoint: service === undefined ? undefined : endpointOf(service, kubectl.namespace),
    replicas: { ready: deployment?.status?.readyReplicas ?? 0, wanted: deployment?.spec.replicas ?? 0 },
    ...(scaler === undefined ? {} : { autoscaling: autoscaling(scaler) }),
    history: revisions.slice(0, mostListed).map(withoutApplied),
  };
}

function autoscaling({ spec, status }: Autoscaler) {
  return { min: spec.minReplicas ?? 1, max: spec.maxReplicas, current: status?.currentReplicas ?? 0 };
}

function withoutApplied({ applied: _applied, ...record }: Revision) {
  return record;
}
