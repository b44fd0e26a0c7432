import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorOf } from '../../support/errors.js';
import { deploying, never } from '../../support/kubernetes/deploying.js';
import { hasKubectl, openTestCluster, type TestCluster } from '../../support/kubernetes/test-cluster.js';

let cluster: TestCluster;
beforeAll(async () => {
  if (hasKubectl) cluster = await openTestCluster();
});
afterAll(async () => await cluster?.close());

const container = '/spec/template/spec/containers/0';

describe.skipIf(!hasKubectl)('rollouts that do not get ready', () => {
  test('an image that cannot be pulled; the pods before go on serving, and going back is re-applying', async () => {
    const { target, release, kubectl } = await deploying(cluster);
    await target.rollOut(release, never);
    await target.record(1, 'serving');
    const error = await errorOf(() => target.rollOut({ ...release, image: 'registry.invalid/mlops:2' }, never));
    expect(error).toMatchObject({ code: 'ROLLOUT_FAILED', exitCode: 1, revision: 2 });
    expect(error.message).toBe('The new pods cannot become ready');
    expect(error.why).toContain('the image registry.invalid/mlops:2 cannot be pulled');
    expect(error.why).toContain('no such host');
    await target.record(2, 'failed', error.message);

    expect(await target.restore(undefined, never)).toMatchObject({ revision: 1 });
    await target.record(1, 'serving');
    const status = await target.status();
    expect(status).toMatchObject({ image: cluster.image, revision: 1, replicas: { ready: 2 } });
    expect(status.history.map(({ revision, result, why }) => [revision, result, why])).toEqual([
      [2, 'failed', 'The new pods cannot become ready'],
      [1, 'serving', undefined],
    ]);
    const { stdout } = await kubectl('get', 'secrets', '-o', 'jsonpath={.items[*].metadata.name}');
    expect(
      stdout
        .split(' ')
        .filter((name) => name.startsWith('mlops-'))
        .toSorted(),
    ).toEqual(['mlops-demo-r1', 'mlops-demo-r2']);
  });

  test('killed for memory', async () => {
    const { target, release, patch } = await deploying(cluster);
    await patch({ op: 'add', path: `${container}/command`, value: ['sh', '-c', 'tail /dev/zero'] });
    const error = await errorOf(() => target.rollOut(release, never));
    expect(error.why).toMatch(/killed for memory \(OOMKilled\) at its limit of 128Mi, restarted \d+ times/);
  });

  test('a program that ends again and again, with its last words', async () => {
    const { target, release, patch } = await deploying(cluster);
    const command = ['sh', '-c', "echo 'no such model'; exit 3"];
    await patch({ op: 'add', path: `${container}/command`, value: command });
    const error = await errorOf(() => target.rollOut(release, never));
    expect(error.why).toContain('exit code 3');
    expect(error.why).toContain('its last words: no such model');
    expect(error.why).toContain('(and 1 more pods the same)');
  });

  test('a probe that fails until the progress deadline, which is the verdict of the cluster', async () => {
    const { target, release, patch, said } = await deploying(cluster);
    await patch(
      { op: 'replace', path: `${container}/startupProbe/httpGet/path`, value: '/nowhere' },
      { op: 'replace', path: '/spec/progressDeadlineSeconds', value: 6 },
    );
    const error = await errorOf(() => target.rollOut(release, never));
    expect(error.message).toBe(
      'The rollout exceeded its progress deadline of 6 s (progressDeadlineSeconds of the Deployment)',
    );
    expect(error.why).toContain('its startup probe fails: HTTP probe failed with statuscode: 404');
    expect(said).toContain('0/2 ready');
  });

  test('no node has room for it', async () => {
    const { target, release, patch } = await deploying(cluster, { resources: { cpu: '1000', memory: '128Mi' } });
    await patch({ op: 'replace', path: '/spec/progressDeadlineSeconds', value: 3 });
    const error = await errorOf(() => target.rollOut(release, never));
    expect(error.message).toContain('progress deadline');
    expect(error.why).toMatch(/no node has room for it: .*Insufficient cpu/);
  });

  test('a quota that is used up', async () => {
    const { target, release, create } = await deploying(cluster);
    await create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few' }, spec: { hard: { pods: '1' } } });
    const error = await errorOf(() => target.rollOut(release, never));
    expect(error.why).toMatch(/1 of 2 ready; New pods: the namespace's quota is used up: pods .* exceeded quota: few/);
  });

  test('Ctrl-C while it rolls out: what goes on without us is said', async () => {
    const { target, release } = await deploying(cluster, { image: 'registry.invalid/mlops:1' });
    const controller = new AbortController();
    const rollOut = target.rollOut(release, AbortSignal.any([controller.signal]));
    const ended = errorOf(() => rollOut);
    for (let known = 0; known === 0; ) known = (await target.status()).replicas.wanted;
    controller.abort('SIGINT');
    expect(await ended).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    const left = await target.leave('interrupted');
    expect(left.sentences.join(' ')).toContain('goes on');
    expect((await target.status()).history).toMatchObject([
      { revision: 1, result: 'failed', why: 'interrupted during the rollout' },
    ]);
  });
});
