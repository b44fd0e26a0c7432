import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deploying, never } from '../../support/kubernetes/deploying.js';
import { hasKubectl, openTestCluster, type TestCluster } from '../../support/kubernetes/test-cluster.js';

let cluster: TestCluster;
beforeAll(async () => {
  if (hasKubectl) cluster = await openTestCluster();
});
afterAll(async () => await cluster?.close());

describe.skipIf(!hasKubectl)('what the user adds to the manifests', () => {
  test('is applied, shown without secrets, taken away when it is gone, and back after a rollback', async () => {
    const { target, release, manifests, kubectl } = await deploying(cluster);
    const overlay = join(manifests, 'overlay');
    const write = async (value: string, more: readonly object[] = []) => {
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mine' }, stringData: { password: value } };
      const resources = ['../base', 'secret.json', ...(more.length > 0 ? ['more.json'] : [])];
      await writeFile(join(overlay, 'secret.json'), JSON.stringify(secret));
      await writeFile(join(overlay, 'more.json'), JSON.stringify(more[0] ?? {}));
      await writeFile(join(overlay, 'kustomization.yaml'), JSON.stringify({ resources }));
    };
    await write('swordfish-1', [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extra' }, data: { a: 'b' } },
    ]);
    await target.rollOut(release, never);
    await target.record(1, 'serving');

    await write('swordfish-2');
    const { lines } = await target.preview(release);
    const shown = lines.map(({ text }) => text).join('\n');
    expect(shown).toContain('Secret mine');
    expect(shown).toContain('ConfigMap extra will be taken away');
    expect(shown).not.toContain('swordfish');
    expect(shown).not.toContain(Buffer.from('swordfish-2').toString('base64'));
    await target.rollOut(release, never);
    await target.record(2, 'serving');
    expect((await kubectl('get', 'configmap', 'extra')).stderr).toContain('NotFound');

    expect(await target.restore(undefined, never)).toMatchObject({ revision: 1 });
    await target.record(1, 'serving');
    expect((await kubectl('get', 'configmap', 'extra', '-o', 'jsonpath={.data.a}')).stdout).toBe('b');
    expect((await target.status()).history.map(({ revision, result }) => [revision, result])).toEqual([
      [2, 'replaced'],
      [1, 'serving'],
    ]);
  });

  test('a public Service gets its address', async () => {
    const { target, release } = await deploying(cluster, { expose: 'public' });
    expect((await target.rollOut(release, never)).endpoint).toMatch(/^http:\/\/[\w.-]+$/);
  });

  test('the pull secret comes from the docker login, and the pods use it', async () => {
    const { release, again, kubectl, dir } = await deploying(cluster);
    const auth = Buffer.from('me:swordfish').toString('base64');
    const registry = cluster.image.split('/', 1)[0] ?? '';
    const auths = { [registry]: { auth }, 'other.test': { auth: 'other' } };
    await writeFile(join(dir, 'config.json'), JSON.stringify({ auths }));
    const target = await again({ pullSecret: true, env: { DOCKER_CONFIG: dir } });
    await target.rollOut(release, never);
    const { stdout } = await kubectl('get', 'secret', 'demo-pull', '-o', 'jsonpath={.data.\\.dockerconfigjson}');
    expect(JSON.parse(Buffer.from(stdout, 'base64').toString('utf8'))).toEqual({ auths: { [registry]: { auth } } });
    const account = await kubectl('get', 'serviceaccount', 'demo', '-o', 'jsonpath={.imagePullSecrets[*].name}');
    expect(account.stdout).toBe('demo-pull');
    const history = await kubectl('get', 'secret', 'mlops-demo-r1', '-o', 'json');
    expect(history.stdout).not.toContain(auth);
  });

  test('with deploy.pullSecret every deploy keeps it, and a rollback renews it or goes back without', async () => {
    const { release, again, kubectl, dir, said } = await deploying(cluster);
    const registry = cluster.image.split('/', 1)[0] ?? '';
    const logIn = async (auth: string | undefined) =>
      await writeFile(
        join(dir, 'config.json'),
        JSON.stringify({ auths: auth === undefined ? {} : { [registry]: { auth } } }),
      );
    const secret = async () => {
      const { stdout } = await kubectl('get', 'secret', 'demo-pull', '-o', 'jsonpath={.data.\\.dockerconfigjson}');
      return Buffer.from(stdout, 'base64').toString('utf8');
    };
    await logIn('first');
    const target = await again({ yaml: 'deploy: { pullSecret: true }\n', env: { DOCKER_CONFIG: dir } });
    await target.rollOut(release, never);
    await target.record(1, 'serving');
    const account = await kubectl('get', 'serviceaccount', 'demo', '-o', 'jsonpath={.imagePullSecrets[*].name}');
    expect(account.stdout).toBe('demo-pull');
    await logIn('second');
    await target.restore(1, never);
    expect(await secret()).toContain('second');
    await logIn(undefined);
    expect(await target.restore(1, never)).toMatchObject({ revision: 1 });
    expect(await secret()).toContain('second');
    expect(said.join()).toContain('The pull secret is the one before');
  });
});
