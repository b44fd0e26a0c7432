import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { requireOrSkip } from '../requirements.js';
import { tool } from '../tools.js';
import { type StandIn, startStandIn } from './api-server.js';

/** A cluster that the real kubectl talks to: the stand-in, or the one of MLOPS_TEST_KUBECONFIG. */
export interface TestCluster {
  readonly kubeconfig: string;
  readonly context: string;
  /** An image whose server is ready by itself. */
  readonly image: string;
  kubectl(args: readonly string[], input?: string): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** A namespace for the running test, gone when it ends. */
  namespace(): Promise<string>;
  close(): Promise<void>;
}

/** Clusters need kubectl; it is skipped with one line where there is none. */
export const hasKubectl = requireOrSkip('kubectl', tool('kubectl') !== undefined);

const run = promisify(execFile);

/** `podPort`: where the pods of the stand-in serve; without it something there answers everything. */
export async function openTestCluster(options: { podPort?: number } = {}): Promise<TestCluster> {
  const { MLOPS_TEST_KUBECONFIG: real, MLOPS_TEST_IMAGE: image } = process.env;
  if (real !== undefined) {
    const { stdout } = await run('kubectl', ['--kubeconfig', real, 'config', 'current-context']);
    if (image === undefined) throw new Error('MLOPS_TEST_IMAGE: an image of `mlops build` that the cluster can pull');
    return cluster({ kubeconfig: real, context: stdout.trim(), image, close: async () => {} });
  }
  const standIn = await startStandIn();
  if (standIn === undefined) throw new Error('openssl is needed for the certificate of the stand-in');
  const pods = createServer((_request, response) => response.end('ready'));
  await new Promise<void>((resolve) => void pods.listen(0, '127.0.0.1', resolve));
  standIn.podPort = options.podPort ?? (pods.address() as AddressInfo).port;
  const dir = mkdtempSync(join(tmpdir(), 'mlops-test-cluster-'));
  const kubeconfig = writeKubeconfig(dir, standIn);
  const close = async () => {
    await standIn.close();
    pods.closeAllConnections();
    pods.close();
    rmSync(dir, { recursive: true, force: true });
  };
  return cluster({ kubeconfig, context: 'stand-in', image: 'registry.test/mlops:1', close });
}

function writeKubeconfig(dir: string, { url, certificate, adminToken }: StandIn): string {
  const path = join(dir, 'kubeconfig');
  const authority = Buffer.from(certificate).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'stand-in', cluster: { server: url, 'certificate-authority-data': authority } }],
    users: [{ name: 'admin', user: { token: adminToken } }],
    contexts: [{ name: 'stand-in', context: { cluster: 'stand-in', user: 'admin' } }],
    'current-context': 'stand-in',
  };
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

function cluster(given: Pick<TestCluster, 'kubeconfig' | 'context' | 'image' | 'close'>): TestCluster {
  let count = 0;
  const kubectl: TestCluster['kubectl'] = async (args, input = '') => {
    const started = run('kubectl', ['--kubeconfig', given.kubeconfig, ...args]);
    started.child.stdin?.end(input);
    return await started.then(
      ({ stdout, stderr }) => ({ exitCode: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        exitCode: error.code,
        stdout: error.stdout,
        stderr: error.stderr,
      }),
    );
  };
  return {
    ...given,
    kubectl,
    async namespace() {
      const name = `mlops-test-${process.pid}-${++count}`;
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      // As JSON from stdin: `kubectl create namespace` speaks protobuf, which the stand-in does not.
      const { exitCode, stderr } = await kubectl(['create', '-f', '-'], JSON.stringify(object));
      if (exitCode !== 0) throw new Error(stderr);
      onTestFinished(async () => void (await kubectl(['delete', 'namespace', name, '--wait=false'])));
      return name;
    },
  };
}
