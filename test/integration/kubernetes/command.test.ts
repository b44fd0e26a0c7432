import { spawn } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../support/cli.js';
import { hasKubectl, openTestCluster } from '../../support/kubernetes/test-cluster.js';
import { startServe } from '../../support/serve-process.js';
import { tempDir } from '../../support/temp-dir.js';

const bin = join(import.meta.dirname, '..', '..', '..', 'bin', 'run.js');

describe.skipIf(!hasKubectl)('mlops deploy --target gke', () => {
  test('deploys with golden predictions through the tunnel, is interrupted, goes back, and leaves nothing behind', async () => {
    const serve = await startServe();
    const cluster = await openTestCluster({ podPort: serve.port });
    onTestFinished(() => cluster.close());
    const namespace = await cluster.namespace();
    const cwd = await tempDir();
    const yaml = `name: flight-delay\ndeploy: { target: gke, context: ${cluster.context}, namespace: ${namespace}, replicas: { min: 2, max: 4 }, resources: { cpu: 100m, memory: 128Mi } }\n`;
    await writeFile(join(cwd, 'mlops.yaml'), yaml);
    // A temporary folder of its own: what is left in it is left by these commands.
    const temporary = await tempDir();
    const env = { KUBECONFIG: cluster.kubeconfig, TMPDIR: temporary };
    const cli = (...args: string[]) => runCli([...args, '--json'], { cwd, env });

    const first = await cli('deploy', '--image', cluster.image, '--gate', '--gate-duration', '2s');
    expect(first, first.stderr).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(first.stdout)).toMatchObject({
      outcome: 'deployed',
      revision: 1,
      golden: { rows: 552 },
      // The project's 400 connections and its rate are for the whole service, not for one pod behind a tunnel.
      gate: {
        verdict: 'pass',
        load: { connections: 16 },
        notes: expect.arrayContaining([expect.stringContaining('through a tunnel to one pod')]),
      },
    });
    const second = await cli('deploy', '--image', cluster.image);
    expect(JSON.parse(second.stdout)).toMatchObject({ outcome: 'unchanged', revision: 1 });

    const args = ['deploy', '--image', 'registry.invalid/mlops:2', '--json'];
    const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...process.env, ...env, NO_COLOR: '1' } });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
    const isRollingOut = async () => {
      const { stdout: images } = await cluster.kubectl(['-n', namespace, 'get', 'pods', '-o', 'jsonpath={..image}']);
      return images.includes('registry.invalid');
    };
    while (!(await isRollingOut())) expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ error: { exitCode: 130, why: expect.stringContaining('goes on') } });

    // Revision 1 is the last that was noted as serving, and the cluster has the other one's manifest.
    const back = await cli('rollback', '--to', '1');
    expect(back, back.stderr).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(back.stdout)).toMatchObject({ revision: 1 });
    const status = JSON.parse((await cli('status')).stdout) as {
      history: { revision: number; result: string; why?: string }[];
    };
    expect(status).toMatchObject({ revision: 1, image: cluster.image, replicas: { ready: 2, wanted: 2 } });
    expect(status.history.map(({ revision, result, why }) => [revision, result, why])).toEqual([
      [2, 'failed', expect.stringContaining('interrupted')],
      [1, 'serving', undefined],
    ]);
    expect((await readdir(temporary)).filter((name) => name.startsWith('mlops-'))).toEqual([]);
  });
});
