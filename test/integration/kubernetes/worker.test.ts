import { describe, expect, test } from 'vitest';
import { scalerOf } from '../../../src/lib/deploy/kubernetes/checks.js';
import type { KubernetesObject } from '../../../src/lib/platform/kubernetes/objects.js';
import { workerSettings } from '../../../src/lib/recordings/queue/run-in-container.js';
import { manifestProblems } from '../../support/kubernetes/check-manifest.js';
import { podTemplates, restrictedProblems } from '../../support/kubernetes/pod-security.js';
import { find, release, render } from '../../support/kubernetes/rendering.js';
import { hasKubectl } from '../../support/kubernetes/test-cluster.js';

const addToOverlay = '\ncomponents:\n  - ../components/worker\n  - ../components/keda\n';
const worker = 'flight-delay-worker';

describe.skipIf(!hasKubectl)('the worker', () => {
  test('is a Deployment of its own with the image of the release, and no Service', async () => {
    const objects = await render({ addToOverlay, pullSecret: 'mine', architecture: 'arm64' });
    for (const object of objects) expect(await manifestProblems(object), object.kind).toEqual([]);
    const mine = objects.filter(({ metadata }) => metadata.name === worker).map(({ kind }) => kind);
    expect(mine.toSorted()).toEqual([
      'Deployment',
      'NetworkPolicy',
      'ScaledObject',
      'ServiceAccount',
      'TriggerAuthentication',
    ]);
    const selected = { 'app.kubernetes.io/name': 'flight-delay', 'app.kubernetes.io/component': 'worker' };
    const { selector, template } = find(objects, 'Deployment', worker).spec as unknown as {
      selector: object;
      template: { spec: object };
    };
    expect(selector).toEqual({ matchLabels: selected });
    expect(find(objects, 'NetworkPolicy', worker).spec).toMatchObject({
      podSelector: { matchLabels: selected },
      ingress: [],
    });
    expect(template.spec).toMatchObject({
      serviceAccountName: worker,
      terminationGracePeriodSeconds: 900,
      nodeSelector: { 'kubernetes.io/arch': 'arm64' },
      containers: [
        {
          image: release.image,
          command: ['node', '/app/worker.mjs'],
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
        },
      ],
    });
    expect(find(objects, 'ServiceAccount', worker)).toMatchObject({ imagePullSecrets: [{ name: 'mine' }] });
    // The Service is that of the server.
    const service = find(objects, 'Service').spec as unknown as { selector: object };
    expect(service.selector).toMatchObject({ 'app.kubernetes.io/component': 'server' });
  });

  test('is scaled by its queue from nothing on, by names that follow the release', async () => {
    const objects = await render({ addToOverlay });
    expect(find(objects, 'ScaledObject', worker).spec).toMatchObject({
      scaleTargetRef: { name: worker },
      minReplicaCount: 0,
      maxReplicaCount: 10,
      triggers: [
        {
          type: 'aws-sqs-queue',
          authenticationRef: { name: worker },
          metadata: { queueURLFromEnv: 'MLOPS_TRANSCRIBE_QUEUE', awsRegion: 'us-east-1', scaleOnInFlight: 'true' },
        },
      ],
    });
    expect(find(objects, 'TriggerAuthentication', worker).spec).toEqual({ podIdentity: { provider: 'aws' } });
    // What scales the server is not touched.
    expect(find(objects, 'ScaledObject').spec).toMatchObject({ scaleTargetRef: { name: 'flight-delay' } });
    const all = objects as unknown as KubernetesObject[];
    expect([scalerOf(all, worker)?.least, scalerOf(all, 'flight-delay')?.least]).toEqual([0, 3]);
  });

  test('has the variables that its program reads', async () => {
    const { template } = find(await render({ addToOverlay }), 'Deployment', worker).spec as unknown as {
      template: { spec: { containers: { env: { name: string; value: string }[] }[] } };
    };
    const env = template.spec.containers[0]?.env ?? [];
    const given = Object.fromEntries(env.map(({ name, value }) => [name, value || 's3://some/where']));
    expect(workerSettings(given)).toEqual({
      queue: 's3://some/where',
      output: 's3://some/where',
      sources: ['s3://some/where'],
      format: 'jsonl',
      concurrency: undefined,
    });
    expect(env.map(({ name }) => name).filter((name) => name.startsWith('MLOPS_'))).toHaveLength(4);
  });

  test('is restricted, with a read-only root and no token of Kubernetes', async () => {
    const templates = podTemplates([find(await render({ addToOverlay }), 'Deployment', worker)]);
    expect(templates).toHaveLength(1);
    for (const { of, spec } of templates) {
      expect(restrictedProblems(spec), of).toEqual([]);
      expect(spec).toMatchObject({ automountServiceAccountToken: false });
      for (const one of spec.containers ?? []) {
        expect(one.securityContext).toMatchObject({ readOnlyRootFilesystem: true });
      }
    }
  });
});
