import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorOf } from '../../support/errors.js';
import { deploying, never } from '../../support/kubernetes/deploying.js';
import { flakyProxy } from '../../support/kubernetes/flaky-proxy.js';
import { hasKubectl, openTestCluster, type TestCluster } from '../../support/kubernetes/test-cluster.js';
import { tempDir } from '../../support/temp-dir.js';

let cluster: TestCluster;
beforeAll(async () => {
  if (hasKubectl) cluster = await openTestCluster();
});
afterAll(async () => await cluster?.close());

interface Kubeconfig {
  clusters: { name: string; cluster: { server: string; 'tls-server-name'?: string } }[];
  users: { name: string; user: object }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
}

/** The kubeconfig of the cluster, changed. */
async function kubeconfigWith(change: (config: Kubeconfig) => void): Promise<string> {
  const { stdout } = await cluster.kubectl(['config', 'view', '--raw', '--minify', '-o', 'json']);
  const config = JSON.parse(stdout) as Kubeconfig;
  change(config);
  const path = join(await tempDir(), 'kubeconfig');
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

const role = (name: string, rules: object[]) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name },
  rules,
});

describe.skipIf(!hasKubectl)('getting at a cluster', () => {
  test('a deployer that may not change Deployments is told which Role is missing, and nothing is changed', async () => {
    const { release, namespace, create, again, kubectl } = await deploying(cluster);
    await create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'deployer' } });
    await create(
      role('deployer', [
        { apiGroups: [''], resources: ['*'], verbs: ['*'] },
        { apiGroups: ['apps', 'autoscaling', 'policy', 'networking.k8s.io'], resources: ['*'], verbs: ['get', 'list'] },
        { apiGroups: ['autoscaling', 'policy', 'networking.k8s.io'], resources: ['*'], verbs: ['patch', 'create'] },
      ]),
    );
    await create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'deployer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deployer' },
      subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace }],
    });
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/deployer/token`;
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { stdout } = await cluster.kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(request));
    const { token } = (JSON.parse(stdout) as { status: { token: string } }).status;
    const kubeconfig = await kubeconfigWith(({ users }) => {
      for (const one of users) one.user = { token };
    });
    const target = await again({ kubeconfig });
    const error = await errorOf(() => target.preview(release));
    const user = `system:serviceaccount:${namespace}:deployer`;
    expect(error).toMatchObject({ code: 'FORBIDDEN', exitCode: 1 });
    expect(error.message).toBe(`Trying the manifests: ${user} may not patch deployments in the namespace ${namespace}`);
    expect(error.actions).toContain(`Check with: kubectl auth can-i patch deployments.apps --namespace ${namespace}`);
    expect((await kubectl('get', 'services', '-o', 'name')).stdout).toBe('');
  });

  test('a component whose operator is not installed is found before anything is changed', async () => {
    const { target, release, manifests, kubectl } = await deploying(cluster);
    const file = join(manifests, 'overlay', 'kustomization.yaml');
    await writeFile(
      file,
      `${await readFile(file, 'utf8')}\ncomponents:\n  - ../components/keda\n  - ../components/vpa\n`,
    );
    const error = await errorOf(() => target.rollOut(release, never));
    expect(error).toMatchObject({ code: 'CRD_MISSING', exitCode: 5 });
    expect(error.why).toContain('ScaledObject demo (keda.sh/v1alpha1)');
    expect(error.why).toContain('VerticalPodAutoscaler demo (autoscaling.k8s.io/v1)');
    expect(error.actions.join('\n')).toContain('helm install keda keda --repo https://kedacore.github.io/charts');
    expect((await kubectl('get', 'deployments', '-o', 'name')).stdout).toBe('');
  });

  test('the connection breaks in the middle of a rollout and comes back: the rollout goes on', async () => {
    const { release, again, said, patch } = await deploying(cluster);
    await patch({ op: 'add', path: '/spec/template/spec/containers/0/startupProbe/initialDelaySeconds', value: 3 });
    const { proxy, kubeconfig } = await throughProxy();
    const target = await again({ kubeconfig });
    const rollOut = target.rollOut(release, never);
    await until(() => said.some((text) => text.includes('0/2 ready')));
    proxy.cut();
    await until(() => said.some((text) => text.includes('the connection is lost, trying again')));
    proxy.restore();
    expect(await rollOut).toMatchObject({ revision: 1 });
  });

  test('the connection does not come back: that is said, and that the cluster goes on', async () => {
    const { release, again, said } = await deploying(cluster, { image: 'registry.invalid/mlops:1' });
    const { proxy, kubeconfig } = await throughProxy();
    const target = await again({ kubeconfig });
    const failed = errorOf(() => target.rollOut(release, never));
    await until(() => said.some((text) => text.includes('/2 ready')));
    proxy.cut();
    const error = await failed;
    expect(error).toMatchObject({ code: 'CLUSTER_LOST', exitCode: 5 });
    expect(error.why).toContain('The cluster goes on rolling out without us');
    expect(error.actions.at(-1)).toBe('When it is back: mlops status');
  });

  test('a namespace that is not there, and a context that is not there', async () => {
    const { target, release, namespace, again } = await deploying(cluster);
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=true']);
    const missing = await errorOf(() => target.preview(release));
    expect(missing).toMatchObject({ code: 'NAMESPACE_MISSING' });
    expect(missing.actions[0]).toBe(`kubectl create namespace ${namespace}`);
    const unknown = await errorOf(() => again({ context: 'nowhere' }));
    expect(unknown).toMatchObject({ code: 'CONTEXT_MISSING', exitCode: 5 });
    expect(unknown.why).toContain(cluster.context);
  });
});

async function throughProxy() {
  const { stdout } = await cluster.kubectl([
    'config',
    'view',
    '--raw',
    '--minify',
    '-o',
    'jsonpath={.clusters[0].cluster.server}',
  ]);
  const server = new URL(stdout);
  const proxy = await flakyProxy(server);
  const kubeconfig = await kubeconfigWith(({ clusters }) => {
    for (const { cluster: one } of clusters) {
      one.server = `https://127.0.0.1:${proxy.port}`;
      one['tls-server-name'] ??= server.hostname;
    }
  });
  return { proxy, kubeconfig };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 20));
}
