import { expect, test } from 'vitest';
import { Kubectl } from '../../../../src/lib/platform/kubernetes/kubectl.js';
import { requireServerVersion } from '../../../../src/lib/platform/kubernetes/server-version.js';
import { errorOf } from '../../../support/errors.js';

function cluster(gitVersion: string) {
  const calls: string[] = [];
  const kubectl = new Kubectl({
    runner: {
      async run(_program, args) {
        calls.push(args[0] ?? '');
        return { exitCode: 0, stdout: JSON.stringify({ serverVersion: { gitVersion } }), stderr: '' };
      },
      start: () => Promise.reject(new Error('nothing goes on')),
    },
    access: {
      place: 'the cluster',
      wayIn: [],
      credentials: async () => ({ args: [], env: {} }),
      close: async () => {},
    },
    namespace: 'prod',
    sleep: async () => {},
  });
  return { kubectl, calls };
}

const deployment = (lifecycle: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { template: { spec: { containers: [{ name: 'server', lifecycle }] } } },
});
const sleeping = [deployment({ preStop: { sleep: { seconds: 5 } } })];

test('a cluster that does not know preStop.sleep is refused before anything is applied', async () => {
  const error = await errorOf(() => requireServerVersion(cluster('v1.29.14-eks-1').kubectl, sleeping));
  expect(error).toMatchObject({ code: 'CLUSTER_TOO_OLD', exitCode: 5 });
  expect(error.why).toBe(
    'It is Kubernetes v1.29.14-eks-1; preStop.sleep of Deployment web needs 1.30. Nothing was changed.',
  );
});

test.each(['v1.30.0', 'v1.33.1-gke.100', 'v2.0.0', 'unknown'])('%s is taken', async (version) => {
  await requireServerVersion(cluster(version).kubectl, sleeping);
});

test('who does not sleep may deploy to any version, which is not even asked for', async () => {
  const { kubectl, calls } = cluster('v1.20.0');
  await requireServerVersion(kubectl, [deployment({ preStop: { exec: { command: ['sleep', '5'] } } })]);
  expect(calls).toEqual([]);
});
