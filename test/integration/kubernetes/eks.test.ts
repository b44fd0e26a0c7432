import { once } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { createEksTarget } from '../../../src/lib/deploy/kubernetes/eks.js';
import type { KubernetesFlags } from '../../../src/lib/deploy/kubernetes/options.js';
import { createProcessRunner } from '../../../src/lib/platform/process/runner.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { errorOf } from '../../support/errors.js';
import { fakeAws } from '../../support/fake-aws.js';
import { type StandIn, startStandIn } from '../../support/kubernetes/api-server.js';
import { timing } from '../../support/kubernetes/deploying.js';
import { hasKubectl } from '../../support/kubernetes/test-cluster.js';
import { tempDir } from '../../support/temp-dir.js';

let standIn: StandIn | undefined;
beforeAll(async () => {
  standIn = hasKubectl ? await startStandIn() : undefined;
});
afterAll(async () => await standIn?.close());

/** EKS itself is a fake: its API says where the cluster is, and the token is one that the stand-in takes. */
async function eksTarget(endpoint: string, flags: KubernetesFlags = {}, hasPublicEndpoint = false) {
  const dir = await tempDir();
  await mkdir(join(dir, 'infra', 'aws'), { recursive: true });
  const outputs = { eks_cluster_name: 'demo-cluster', region: 'eu-west-1', ec2_instance_id: 'i-0abc' };
  await writeFile(join(dir, 'infra', 'aws', 'outputs.json'), JSON.stringify(outputs));
  const certificateAuthority = Buffer.from(standIn?.certificate ?? '').toString('base64');
  const tokens: string[] = [];
  let now = Date.parse('2026-11-21T20:00:00Z');
  const aws = () =>
    fakeAws({
      eks: {
        describeCluster: async (name) => ({
          name,
          endpoint,
          certificateAuthority,
          status: 'ACTIVE',
          hasPublicEndpoint,
        }),
        clusterToken: async (name) => {
          tokens.push(name);
          return standIn?.adminToken ?? '';
        },
      },
    });
  const options = {
    project: { file: undefined, dir, config: parseProject('name: demo\n') },
    namespace: 'default',
    timeoutMs: 60_000,
    kubernetes: flags,
  };
  const clock = () => new Date(now);
  const deps = { runner: createProcessRunner(), reporter: silentReporter, env: { HOME: dir }, now: clock, aws, timing };
  const target = await createEksTarget(options, deps);
  onTestFinished(() => target.close());
  const later = (ms: number) => {
    now += ms;
  };
  return { target, tokens, later };
}

describe.skipIf(!hasKubectl)('an EKS cluster', () => {
  test('is reached with a kubeconfig of its own that nobody else can read, renewed in time and removed', async () => {
    vi.stubEnv('TMPDIR', await tempDir());
    const { target, tokens, later } = await eksTarget(standIn?.url ?? '');
    expect(target.place).toBe('EKS cluster demo-cluster in eu-west-1, namespace default');
    expect(await target.status()).toMatchObject({ revision: undefined, history: [] });
    const [made] = await privateFolders();
    const { mode } = await stat(join(tmpdir(), made ?? '', 'config'));
    expect((mode & 0o777).toString(8)).toBe('600');
    later(5 * 60_000);
    await target.status();
    const asked = tokens.length;
    later(11 * 60_000);
    await target.status();
    expect(tokens.length).toBeGreaterThan(asked);
    await target.close();
    expect(await privateFolders()).toEqual([]);
  });

  test('a private endpoint that says nothing: the way in is told, and leads in', async () => {
    const silent = createServer(() => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const endpoint = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const error = await errorOf(() => eksTarget(endpoint));
    expect(error).toMatchObject({ code: 'CLUSTER_UNREACHABLE', exitCode: 5 });
    expect(error.why).toBe(
      'no answer from 127.0.0.1 within 7 s. A private endpoint is reached from inside its VPC only.',
    );
    expect(error.actions).toEqual([
      'Open a tunnel in another terminal: aws ssm start-session --target i-0abc --document-name AWS-StartPortForwardingSessionToRemoteHost --parameters host=127.0.0.1,portNumber=443,localPortNumber=8443 --region eu-west-1',
      'Then add --cluster-endpoint https://127.0.0.1:8443',
    ]);
    // The tunnel ends at a name that is not in the certificate; the name of the endpoint is asked for.
    const tunnel = (standIn?.url ?? '').replace('127.0.0.1', 'localhost');
    const { target } = await eksTarget(endpoint, { clusterEndpoint: tunnel });
    expect((await target.status()).history).toEqual([]);
  });

  test('a public endpoint that does not let us in', async () => {
    const error = await errorOf(() => eksTarget('https://127.0.0.1:1', {}, true));
    expect(error.why).toMatch(/ECONNREFUSED.*is this address among those that it lets in \(api_allowed_cidrs\)/);
  });

  test('a tunnel that is not open', async () => {
    const error = await errorOf(() => eksTarget(standIn?.url ?? '', { clusterEndpoint: 'https://127.0.0.1:1' }));
    expect(error).toMatchObject({ code: 'CLUSTER_UNREACHABLE', exitCode: 5 });
    expect(error.why).toMatch(/ECONNREFUSED.*Is the tunnel open\?/);
  });
});

async function privateFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('mlops-kube-')).toSorted();
}
