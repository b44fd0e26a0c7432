import type { Json, JsonObject } from './fields.js';
import { metaOf } from './store.js';

export function ownedBy(object: JsonObject, uid: Json | undefined): boolean {
  return ((metaOf(object).ownerReferences ?? []) as JsonObject[]).some((owner) => owner.uid === uid);
}

export function isReady(pod: JsonObject): boolean {
  const conditions = ((pod.status as JsonObject | undefined)?.conditions ?? []) as JsonObject[];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

export function failedCreate(message: string): JsonObject {
  return { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message };
}

export function unhealthyEvent(pod: JsonObject, probe: string): JsonObject {
  const { name, namespace, uid } = metaOf(pod);
  return {
    metadata: { name: `${name}.unhealthy`, namespace: namespace ?? '' },
    involvedObject: { kind: 'Pod', name: name ?? '', namespace: namespace ?? '', uid: uid ?? '' },
    type: 'Warning',
    reason: 'Unhealthy',
    message: `${probe} probe failed: HTTP probe failed with statuscode: 404`,
    lastTimestamp: new Date().toISOString(),
  };
}

/** The status that the Deployment controller writes; `sinceMs` is how long the newest template has been rolled out. */
export function statusOfDeployment(
  deployment: JsonObject,
  given: { wanted: number; updated: readonly JsonObject[]; old: readonly JsonObject[] },
  sinceMs: number,
): JsonObject {
  const { wanted, updated, old } = given;
  const spec = deployment.spec as JsonObject;
  const readyUpdated = updated.filter(isReady).length;
  const ready = readyUpdated + old.filter(isReady).length;
  const complete = readyUpdated >= wanted && old.length === 0;
  const late = !complete && sinceMs > Number(spec.progressDeadlineSeconds ?? 600) * 1000;
  const progressing: JsonObject = late
    ? {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: 'ReplicaSet has timed out progressing.',
      }
    : { type: 'Progressing', status: 'True', reason: complete ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated' };
  return {
    observedGeneration: metaOf(deployment).generation ?? 1,
    replicas: updated.length + old.length,
    updatedReplicas: updated.length,
    readyReplicas: ready,
    availableReplicas: ready,
    conditions: [progressing],
  };
}
