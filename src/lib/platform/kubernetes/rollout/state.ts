import { findTroubles, type Trouble } from './trouble.js';
import type { Deployment, Pod, ReplicaSet, RolloutObject } from './types.js';

export interface RolloutState {
  readonly deployment: string;
  readonly ready: number;
  readonly wanted: number;
  readonly done: boolean;
  /** The cluster's own verdict, after progressDeadlineSeconds. */
  readonly deadlineExceeded: boolean;
  readonly troubles: readonly Trouble[];
  /** Newest pods of the rollout. */
  readonly pods: readonly Pod[];
}

const revisionAnnotation = 'deployment.kubernetes.io/revision';

/**
 * Where the rollout of one Deployment is. Done means what `kubectl rollout status` means by it: the newest generation was
 * seen, every replica is of the newest template and available, and none of the old ones is left. Undefined while the
 * Deployment does not exist.
 */
export function rolloutState(name: string, objects: readonly RolloutObject[]): RolloutState | undefined {
  const deployment = objects.find(
    (object): object is Deployment => object.kind === 'Deployment' && object.metadata.name === name,
  );
  if (deployment === undefined) return undefined;
  const { metadata, spec, status = {} } = deployment;
  const wanted = spec.replicas ?? 1;
  const { updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status;
  const seen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const progressing = status.conditions?.find(({ type }) => type === 'Progressing');
  const replicaSet = newest(deployment, objects);
  const pods = replicaSet === undefined ? [] : podsOf(replicaSet, objects);
  const complete = updatedReplicas >= wanted && replicas <= updatedReplicas && availableReplicas >= updatedReplicas;
  return {
    deployment: name,
    ready: seen ? Math.min(updatedReplicas, pods.filter(isReady).length) : 0,
    wanted,
    done: seen && complete,
    deadlineExceeded: seen && progressing?.status === 'False' && progressing.reason === 'ProgressDeadlineExceeded',
    troubles: seen ? findTroubles(replicaSet, pods) : [],
    pods,
  };
}

function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}

/** The controller gives the newest ReplicaSet the revision of its Deployment. */
function newest(deployment: Deployment, objects: readonly RolloutObject[]): ReplicaSet | undefined {
  const revision = deployment.metadata.annotations?.[revisionAnnotation];
  return objects.find(
    (object): object is ReplicaSet =>
      object.kind === 'ReplicaSet' &&
      isOwnedBy(object, deployment.metadata.uid) &&
      object.metadata.annotations?.[revisionAnnotation] === revision,
  );
}

function podsOf(replicaSet: ReplicaSet, objects: readonly RolloutObject[]): Pod[] {
  return objects.filter((object): object is Pod => object.kind === 'Pod' && isOwnedBy(object, replicaSet.metadata.uid));
}

function isOwnedBy(object: RolloutObject, uid: string | undefined): boolean {
  return uid !== undefined && object.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true;
}
