import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorOf } from '../../support/errors.js';
import { deploying, never } from '../../support/kubernetes/deploying.js';
import { hasKubectl, openTestCluster, type TestCluster } from '../../support/kubernetes/test-cluster.js';

let cluster: TestCluster;
beforeAll(async () => {
  if (hasKubectl) cluster = await openTestCluster();
});
afterAll(async () => await cluster?.close());

const lease = (holderIdentity: string, renewTime: string) => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'mlops-demo' },
  spec: { holderIdentity, leaseDurationSeconds: 1, acquireTime: renewTime, renewTime },
});
const longAgo = '2020-01-01T00:00:00.000000Z';

describe.skipIf(!hasKubectl)('two commands at one release', () => {
  test('the second is told who is at it and since when, and gets its turn afterwards', async () => {
    const { target, release, again } = await deploying(cluster);
    const first = await again({ env: { USER: 'ada' } });
    await first.hold(release);
    const error = await errorOf(() => target.hold(undefined));
    expect(error).toMatchObject({ code: 'DEPLOY_UNDERWAY', exitCode: 1 });
    expect(error.message).toBe('Another deploy or rollback of demo is under way');
    expect(error.why).toMatch(
      new RegExp(`^ada, process ${process.pid} on \\S+ has been changing it since \\d{4}-\\S+Z\\. Nothing was changed`),
    );
    await first.close();
    await target.hold(undefined);
  });

  test('of two at the same moment one gets it', async () => {
    const { target, release, again } = await deploying(cluster);
    const other = await again({});
    const both = await Promise.allSettled([target.hold(release), other.hold(release)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('who was killed is taken over, after a look whether it is really gone', async () => {
    const { target, release, create, said } = await deploying(cluster);
    await create(lease('ada, process 1 on gone', longAgo));
    await target.hold(release);
    expect(said.join()).toContain(`ada, process 1 on gone began a deploy at ${longAgo} and is not heard of`);
  });

  test('a clock that is wrong makes nobody dead', async () => {
    const { target, release, again } = await deploying(cluster);
    const slow = await again({ now: () => new Date(Date.now() - 3_600_000) });
    await slow.hold(release);
    expect(await errorOf(() => target.hold(release))).toMatchObject({ code: 'DEPLOY_UNDERWAY' });
  });

  test('who was taken over changes nothing any more', async () => {
    const { target, release, kubectl } = await deploying(cluster);
    await target.hold(release);
    const mine = { spec: { holderIdentity: 'grace, process 2 on elsewhere', acquireTime: longAgo } };
    const taken = await kubectl('patch', 'lease', 'mlops-demo', '--type=merge', '--patch', JSON.stringify(mine));
    expect(taken, taken.stderr).toMatchObject({ exitCode: 0 });
    let message = '';
    while (!message.includes('taken over')) message = await messageOf(() => target.record(99, 'failed'));
    const error = await errorOf(() => target.rollOut(release, never));
    expect(error).toMatchObject({ code: 'DEPLOY_TAKEN_OVER', exitCode: 1 });
    expect(error.why).toContain(`grace, process 2 on elsewhere has been changing it since ${longAgo}.`);
    expect((await kubectl('get', 'deployments', '-o', 'name')).stdout).toBe('');
    await target.close();
    const { stdout } = await kubectl('get', 'lease', 'mlops-demo', '-o', 'jsonpath={.spec.holderIdentity}');
    expect(stdout).toBe('grace, process 2 on elsewhere');
  });
});

async function messageOf(work: () => Promise<unknown>): Promise<string> {
  return await work().then(
    () => '',
    (error: Error) => error.message,
  );
}
