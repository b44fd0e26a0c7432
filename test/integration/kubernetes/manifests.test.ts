import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { packagedManifests, prepareManifests } from '../../../src/lib/deploy/kubernetes/folder.js';
import { renderManifest } from '../../../src/lib/deploy/kubernetes/render.js';
import { createProcessRunner } from '../../../src/lib/platform/process/runner.js';
import { errorOf } from '../../support/errors.js';
import { manifestProblems } from '../../support/kubernetes/check-manifest.js';
import { find, plainOptions, release, render } from '../../support/kubernetes/rendering.js';
import { hasKubectl } from '../../support/kubernetes/test-cluster.js';
import { tempDir } from '../../support/temp-dir.js';

describe.skipIf(!hasKubectl)('the manifests', () => {
  test('of a plain deploy', async () => {
    const objects = await render();
    for (const object of objects) expect(await manifestProblems(object), object.kind).toEqual([]);
    expect(objects.map(({ kind }) => kind).toSorted()).toEqual([
      'Deployment',
      'HorizontalPodAutoscaler',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Service',
      'ServiceAccount',
    ]);
    expect(new Set(objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))).toEqual(
      new Set(['prod/flight-delay']),
    );
  });

  test('with every component on: KEDA takes the place of the autoscaler, and names follow', async () => {
    const all = ['keda', 'vpa', 'pod-monitor', 'cloudwatch'].map((name) => `  - ../components/${name}`);
    const objects = await render({ addToOverlay: `\ncomponents:\n${all.join('\n')}\n` });
    for (const object of objects) expect(await manifestProblems(object), object.kind).toEqual([]);
    expect(objects.some(({ kind }) => kind === 'HorizontalPodAutoscaler')).toBe(false);
    // What the components are called in one another follows the name of the release: defaults.test.ts has them whole.
    expect(find(objects, 'ScaledObject').spec).toMatchObject({ scaleTargetRef: { name: 'flight-delay' } });
    expect(find(objects, 'ConfigMap', 'flight-delay-prometheus-cwagentconfig')).toBeDefined();
  });

  test('what runs beside the server keeps its own resources and ports, wherever kustomize puts it', async () => {
    const sidecar = { name: 'log-shipper', image: 'shipper:1', ports: [{ containerPort: 2020, name: 'http-admin' }] };
    const patch = JSON.stringify({
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'mlops' } },
      spec: { template: { spec: { containers: [sidecar] } } },
    });
    const objects = await render({
      release: { ...release, port: 8081, resources: { cpu: '2', memory: '3Gi' } },
      pullSecret: 'flight-delay-pull',
      addToOverlay: `\npatches:\n  - patch: '${patch}'\n  - patch: '${JSON.stringify({
        ...{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'mlops' } },
        imagePullSecrets: [{ name: 'mine' }],
      })}'\n`,
    });
    const { containers } = (
      find(objects, 'Deployment').spec as unknown as { template: { spec: { containers: { name: string }[] } } }
    ).template.spec;
    expect(containers.find(({ name }) => name === 'log-shipper')).toEqual(sidecar);
    expect(containers.find(({ name }) => name === 'server')).toMatchObject({
      image: release.image,
      ports: [{ containerPort: 8081 }, { containerPort: 9090 }],
      resources: { requests: { cpu: '2', memory: '3Gi' }, limits: { cpu: '2', memory: '3Gi' } },
    });
    const { imagePullSecrets } = find(objects, 'ServiceAccount') as unknown as { imagePullSecrets: { name: string }[] };
    expect(imagePullSecrets.map(({ name }) => name).toSorted()).toEqual(['flight-delay-pull', 'mine']);
  });

  test('public on Google Cloud and on AWS: the fixed address, and an open port', async () => {
    const isPublic = { ...release, expose: 'public' as const };
    const onGcp = await render({ release: isPublic, address: { cloud: 'gcp', address: '203.0.113.7' } });
    expect(find(onGcp, 'Service').spec).toMatchObject({ type: 'LoadBalancer', loadBalancerIP: '203.0.113.7' });
    const { ingress } = find(onGcp, 'NetworkPolicy').spec as unknown as { ingress: object[] };
    expect(ingress[2]).toMatchObject({ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ port: 'http' }] });
    expect(find(onGcp, 'Service').spec).toMatchObject({ ports: [{ name: 'http' }] });
    const onAws = await render({
      release: isPublic,
      address: { cloud: 'aws', allocationIds: ['eipalloc-1', 'eipalloc-2'] },
    });
    expect(find(onAws, 'Service').metadata.annotations).toMatchObject({
      'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb',
      'service.beta.kubernetes.io/aws-load-balancer-eip-allocations': 'eipalloc-1,eipalloc-2',
    });
    expect(find(onAws, 'Service').spec).not.toHaveProperty('loadBalancerIP');
  });

  test('another port, a longer drain, a pull secret', async () => {
    const objects = await render({
      release: { ...release, port: 9000, drainMs: 45_000 },
      pullSecret: 'flight-delay-pull',
    });
    expect(find(objects, 'Deployment').spec).toMatchObject({
      template: {
        spec: {
          terminationGracePeriodSeconds: 55,
          containers: [{ ports: [{ containerPort: 9000 }, { containerPort: 9090 }] }],
        },
      },
    });
    expect(find(objects, 'ServiceAccount')).toMatchObject({ imagePullSecrets: [{ name: 'flight-delay-pull' }] });
  });

  test('what the user asks for stays: a GPU, a longer grace period; one that would cut requests off does not', async () => {
    const container = '/spec/template/spec/containers/0';
    const grace = '/spec/template/spec/terminationGracePeriodSeconds';
    const overlay = (operations: object[]) => {
      const patches = [{ target: { kind: 'Deployment' }, patch: JSON.stringify(operations) }];
      return `\npatches: ${JSON.stringify(patches)}\n`;
    };
    const gpu = { op: 'add', path: `${container}/resources/limits/nvidia.com~1gpu`, value: '1' };
    const patient = await render({ addToOverlay: overlay([gpu, { op: 'replace', path: grace, value: 120 }]) });
    expect(find(patient, 'Deployment').spec).toMatchObject({
      template: {
        spec: {
          terminationGracePeriodSeconds: 120,
          containers: [{ resources: { limits: { cpu: '1', memory: '1Gi', 'nvidia.com/gpu': '1' } } }],
        },
      },
    });
    const slow = { op: 'replace', path: `${container}/lifecycle/preStop/sleep/seconds`, value: 60 };
    const cut = await render({ addToOverlay: overlay([slow]) });
    expect(find(cut, 'Deployment').spec).toMatchObject({ template: { spec: { terminationGracePeriodSeconds: 76 } } });
  });

  test('what the API would take and nobody wants is refused with every problem', async () => {
    const dir = await prepareManifests(await tempDir(), packagedManifests, silentReporter);
    const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'mlops' };
    const spec = { maxReplicas: 5, scaleTargetRef: target };
    const second = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'mine' }, spec };
    const kustomization = { resources: ['../base', 'mine.json'] };
    await writeFile(join(dir, 'overlay', 'mine.json'), JSON.stringify(second));
    await writeFile(join(dir, 'overlay', 'kustomization.yaml'), JSON.stringify(kustomization));
    const options = { dir, ...plainOptions, release: { ...release, port: 9090 } };
    const error = await errorOf(() => renderManifest(createProcessRunner(), options));
    expect(error).toMatchObject({ code: 'MANIFEST_INVALID', exitCode: 2 });
    expect(error.why).toContain('Deployment flight-delay has 9090 as two ports, http and metrics');
    expect(error.why).toContain('would both set the replicas of Deployment flight-delay: keep one');
    await writeFile(join(dir, 'overlay', 'kustomization.yaml'), 'resources: [../nowhere]\n');
    const broken = await errorOf(() => renderManifest(createProcessRunner(), options));
    expect(broken).toMatchObject({ code: 'KUSTOMIZE_FAILED', exitCode: 2 });
    expect(broken.why).toContain('nowhere');
  });
});
