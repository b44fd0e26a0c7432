import { describe, expect, test } from 'vitest';
import { rolloutState } from '../../../../src/lib/platform/kubernetes/rollout/state.js';
import { findTroubles } from '../../../../src/lib/platform/kubernetes/rollout/trouble.js';
import type {
  ContainerStatus,
  Deployment,
  Pod,
  ReplicaSet,
} from '../../../../src/lib/platform/kubernetes/rollout/types.js';

const revision = { 'deployment.kubernetes.io/revision': '2' };

function deployment(status: Deployment['status'], generation = 2): Deployment {
  return {
    kind: 'Deployment',
    metadata: { name: 'web', uid: 'd', generation, annotations: revision },
    spec: { replicas: 2, template: { spec: { containers: [] } } },
    ...(status === undefined ? {} : { status }),
  };
}

const replicaSet: ReplicaSet = {
  kind: 'ReplicaSet',
  metadata: { name: 'web-2', uid: 'r', annotations: revision, ownerReferences: [{ uid: 'd' }] },
};

function pod(container: Partial<ContainerStatus>, more: Partial<NonNullable<Pod['status']>> = {}): Pod {
  return {
    kind: 'Pod',
    metadata: { name: 'web-2-a', ownerReferences: [{ uid: 'r' }] },
    spec: { containers: [{ name: 'server', image: 'host/web:1', resources: { limits: { memory: '1Gi' } } }] },
    status: { containerStatuses: [{ name: 'server', ready: false, restartCount: 0, ...container }], ...more },
  };
}

const complete = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };

describe('a rollout is done', () => {
  test.each([
    ['when all are of the newest template and available', complete, true],
    ['not while the newest generation has not been seen', { ...complete, observedGeneration: 1 }, false],
    ['not while old pods are left', { ...complete, replicas: 3 }, false],
    ['not while some are not available', { ...complete, availableReplicas: 1 }, false],
    ['not while some are of the old template', { ...complete, updatedReplicas: 1 }, false],
  ])('%s', (_title, status, done) => {
    expect(rolloutState('web', [deployment(status), replicaSet])?.done).toBe(done);
  });

  test('a Deployment that is not there has no state', () => {
    expect(rolloutState('web', [])).toBeUndefined();
  });

  test('a deadline of the generation before does not count', () => {
    const late = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' } as const;
    const status = { ...complete, updatedReplicas: 0, conditions: [late] };
    expect(rolloutState('web', [deployment(status), replicaSet])?.deadlineExceeded).toBe(true);
    expect(rolloutState('web', [deployment({ ...status, observedGeneration: 1 }), replicaSet])?.deadlineExceeded).toBe(
      false,
    );
  });

  test('troubles of old pods are not those of the rollout', () => {
    const old: Pod = {
      ...pod({ state: { waiting: { reason: 'ImagePullBackOff' } } }),
      metadata: { name: 'web-1-a', ownerReferences: [{ uid: 'other' }] },
    };
    expect(rolloutState('web', [deployment({ observedGeneration: 2 }), replicaSet, old])?.troubles).toEqual([]);
  });
});

describe('troubles in words', () => {
  const words = (one: Pod) => findTroubles(replicaSet, [one]).map(({ text, isFinal }) => [text, isFinal]);
  const waiting = (reason: string, message?: string) => ({
    state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
  });
  const terminated = (exitCode: number, reason: string) => ({
    ...waiting('CrashLoopBackOff'),
    lastState: { terminated: { exitCode, reason } },
  });

  test.each([
    [
      pod(waiting('ErrImagePull', 'manifest unknown')),
      'the image host/web:1 cannot be pulled: the registry does not have it (manifest unknown)',
      true,
    ],
    [
      pod(waiting('ImagePullBackOff', 'pull access denied')),
      'the image host/web:1 cannot be pulled: the registry does not let the node in (pull access denied)',
      true,
    ],
    [pod(waiting('InvalidImageName')), 'the image host/web:1 cannot be pulled: InvalidImageName', true],
    [
      pod(waiting('CreateContainerConfigError', 'configmap "a" not found')),
      'the container cannot be started: configmap "a" not found',
      true,
    ],
    [
      pod({ ...terminated(137, 'OOMKilled'), restartCount: 1 }),
      'killed for memory (OOMKilled) at its limit of 1Gi, restarted once',
      false,
    ],
    [
      pod({ ...terminated(1, 'Error'), restartCount: 3 }),
      'the program ends again and again (restarted 3 times): exit code 1',
      true,
    ],
    [
      pod({}, { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }] }),
      'no node has room for it: 0/3 nodes are available',
      false,
    ],
    [
      pod({}, { phase: 'Failed', reason: 'Evicted', message: 'low on memory' }),
      'the node ended it: Evicted low on memory',
      false,
    ],
  ])('%#: %s', (one, text, isFinal) => {
    expect(words(one)).toEqual([[text, isFinal]]);
  });

  test('a container that is being created, one that runs, and one that is going away are none', () => {
    expect(words(pod(waiting('ContainerCreating')))).toEqual([]);
    expect(words(pod({ state: { running: {} } }))).toEqual([]);
    const leaving = pod(waiting('ImagePullBackOff'));
    expect(words({ ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } })).toEqual(
      [],
    );
  });

  test.each([
    ['pods "a" is forbidden: exceeded quota: q', "the namespace's quota is used up"],
    ['pods "a" is forbidden: violates PodSecurity "restricted:latest"', 'Pod Security refuses the pod'],
    ['pods "a" is forbidden: error looking up service account', 'the service account is missing'],
    ['webhook said no', 'pods cannot be created'],
  ])('%s', (message, text) => {
    const refused = {
      ...replicaSet,
      status: { conditions: [{ type: 'ReplicaFailure', status: 'True', message }] },
    } as ReplicaSet;
    expect(findTroubles(refused, [])).toMatchObject([{ isFinal: true, text: expect.stringContaining(text) }]);
  });
});
