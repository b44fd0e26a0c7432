import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorOf } from '../../support/errors.js';
import { deploying, never } from '../../support/kubernetes/deploying.js';
import { hasKubectl, openTestCluster, type TestCluster } from '../../support/kubernetes/test-cluster.js';

let cluster: TestCluster;
beforeAll(async () => {
  if (hasKubectl) cluster = await openTestCluster();
});
afterAll(async () => await cluster?.close());

describe.skipIf(!hasKubectl)('deploying to Kubernetes', () => {
  test('a first deploy starts with all replicas, serves, and a second one changes nothing', async () => {
    const { target, release, namespace, kubectl } = await deploying(cluster);
    const preview = await target.preview(release);
    expect(preview.hasChanges).toBe(true);
    expect(preview.lines).toContainEqual({ tone: 'heading', text: 'Deployment demo' });

    const rolledOut = await target.rollOut(release, never);
    expect(rolledOut).toEqual({ revision: 1, endpoint: `http://demo.${namespace}.svc` });
    const answer = await target.reach(rolledOut, async ({ url }) => (await fetch(`${url}/readyz`)).status, never);
    expect(answer).toBe(200);
    await target.record(1, 'serving');
    expect(await target.status()).toMatchObject({
      image: cluster.image,
      revision: 1,
      replicas: { ready: 2, wanted: 2 },
      autoscaling: { min: 2, max: 4 },
      history: [{ revision: 1, result: 'serving', image: cluster.image, modelDigest: 'sha256:model' }],
    });
    // Held by a manager of its own, so that neither a deploy nor the autoscaler takes it for the other's.
    const owners = await kubectl('get', 'deployment', 'demo', '--show-managed-fields', '-o', 'json');
    const { metadata } = JSON.parse(owners.stdout) as {
      metadata: { managedFields: { manager: string; fieldsV1: object }[] };
    };
    const withReplicas = metadata.managedFields.filter(({ fieldsV1 }) =>
      JSON.stringify(fieldsV1).includes('"f:replicas"'),
    );
    expect(withReplicas.map(({ manager }) => manager)).toContain('mlops-replicas');
    expect(withReplicas.map(({ manager }) => manager)).not.toContain('mlops');

    expect(await target.preview(release)).toEqual({ hasChanges: false, lines: [] });
  });

  test('somebody scaled: the autoscaler owns the number, so a deploy neither fails nor puts it back', async () => {
    const { target, release, kubectl } = await deploying(cluster);
    await target.rollOut(release, never);
    await target.record(1, 'serving');
    expect((await kubectl('scale', 'deployment/demo', '--replicas=3')).exitCode).toBe(0);
    const bigger = { ...release, resources: { cpu: '100m', memory: '160Mi' } };
    const { lines } = await target.preview(bigger);
    expect(lines.filter(({ text }) => text.includes('replicas:'))).toEqual([]);
    expect(lines.filter(({ tone }) => tone === 'good').map(({ text }) => text.replaceAll(' ', ''))).toContain(
      '+memory:160Mi',
    );
    expect(await target.rollOut(bigger, never)).toMatchObject({ revision: 2 });
    expect((await target.status()).replicas.wanted).toBe(3);
  });

  test('somebody changed a field of ours: who owns it is said, and --force-conflicts takes it back', async () => {
    const { target, release, kubectl, again, patch } = await deploying(cluster);
    await patch({ op: 'add', path: '/spec/revisionHistoryLimit', value: 4 });
    await target.rollOut(release, never);
    const change = '{"spec":{"revisionHistoryLimit":7}}';
    await kubectl('patch', 'deployment/demo', '--type=merge', '--patch', change, '--field-manager=somebody');
    const error = await errorOf(() => target.preview(release));
    expect(error).toMatchObject({ code: 'APPLY_CONFLICT', exitCode: 1 });
    expect(error.why).toContain('.spec.revisionHistoryLimit belongs to somebody');
    expect(error.actions.join()).toContain('--force-conflicts');

    const forced = await again({ forceConflicts: true });
    expect((await forced.preview(release)).lines.map(({ text }) => text)).toContain('+  revisionHistoryLimit: 4');
    await forced.rollOut(release, never);
    const { stdout } = await kubectl('get', 'deployment', 'demo', '-o', 'jsonpath={.spec.revisionHistoryLimit}');
    expect(stdout).toBe('4');
  });

  test('a fixed number that somebody scaled is a conflict about replicas', async () => {
    const { target, release, kubectl, withoutAutoscaler } = await deploying(cluster);
    await withoutAutoscaler();
    await target.rollOut(release, never);
    expect((await target.status()).replicas.wanted).toBe(2);
    await kubectl('scale', 'deployment/demo', '--replicas=3');
    const error = await errorOf(() => target.preview(release));
    expect(error.code).toBe('APPLY_CONFLICT');
    expect(error.why).toMatch(/\.spec\.replicas belongs to kubectl/);
  });

  test('two deploys at the same time get two revisions', async () => {
    const { target, release, again } = await deploying(cluster);
    const other = await again({});
    const both = await Promise.all([target.rollOut(release, never), other.rollOut(release, never)]);
    expect(both.map(({ revision }) => revision).toSorted()).toEqual([1, 2]);
  });

  test('a disruption budget keeps all but one: the second eviction is refused', async () => {
    const { target, release, kubectl, patch, namespace } = await deploying(cluster);
    const slow = { op: 'add', path: '/spec/template/spec/containers/0/startupProbe/initialDelaySeconds', value: 5 };
    await patch(slow);
    await target.rollOut(release, never);
    const { stdout } = await kubectl('get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}');
    const evictions = stdout.split(' ').map(async (name) => {
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
      return await cluster.kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(eviction));
    });
    const results = await Promise.all(evictions);
    expect(results.map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 1]);
    expect(results.map(({ stderr }) => stderr).join()).toContain("violate the pod's disruption budget");
  });
});
