import type { JsonObject } from './fields.js';
import type { Fate } from './pod-fate.js';

const unschedulable =
  '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.';

function conditions(ready: boolean): JsonObject[] {
  return [
    { type: 'PodScheduled', status: 'True' },
    { type: 'Ready', status: ready ? 'True' : 'False' },
  ];
}

/** The status of a pod, `restarts` into its life, in the words of a kubelet. */
export function podStatus(fate: Fate, container: JsonObject, isUp: boolean, restarts: number): JsonObject {
  const base = { name: container.name ?? '', image: container.image ?? '', imageID: '' };
  const of = (ready: boolean, more: JsonObject): JsonObject => ({
    phase: ready || fate.kind === 'never-ready' || fate.kind === 'crash' ? 'Running' : 'Pending',
    conditions: conditions(ready),
    containerStatuses: [{ ...base, ready, started: ready, restartCount: restarts, ...more }],
  });
  const starting = of(false, { state: { waiting: { reason: 'ContainerCreating' } } });
  const running = { running: { startedAt: new Date().toISOString() } };
  switch (fate.kind) {
    case 'ready':
      return isUp ? of(true, { state: running }) : starting;
    case 'never-ready':
      return isUp ? of(false, { state: running }) : starting;
    case 'unschedulable':
      return {
        phase: 'Pending',
        conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: unschedulable }],
      };
    case 'image': {
      if (!isUp) return starting;
      const message = `Back-off pulling image "${fate.image}": ErrImagePull: failed to pull and unpack image "${fate.image}": failed to resolve reference "${fate.image}": dial tcp: lookup ${fate.image.split('/')[0]}: no such host`;
      return of(false, { state: { waiting: { reason: 'ImagePullBackOff', message } } });
    }
    case 'crash': {
      if (!isUp) return starting;
      const terminated = { exitCode: fate.exitCode, reason: fate.reason };
      const message = `back-off 10s restarting failed container=${base.name}`;
      return of(false, { state: { waiting: { reason: 'CrashLoopBackOff', message } }, lastState: { terminated } });
    }
  }
}
