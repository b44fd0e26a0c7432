import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentReporter } from '../../../../src/lib/base/progress/reporter.js';
import { createGkeTarget } from '../../../../src/lib/deploy/kubernetes/gke.js';
import type { ProcessRunner } from '../../../../src/lib/platform/process/runner.js';
import { parseProject } from '../../../../src/lib/project/parse.js';
import { errorOf } from '../../../support/errors.js';
import { tempDir } from '../../../support/temp-dir.js';

interface Call {
  readonly line: string;
  readonly kubeconfig: string | undefined;
}

/** kubectl is new enough; gcloud says what it is told to. */
async function opening(outputs: object, gcloud: { exitCode: number; stderr: string }) {
  const dir = await tempDir();
  await mkdir(join(dir, 'infra', 'gcp'), { recursive: true });
  await writeFile(join(dir, 'infra', 'gcp', 'outputs.json'), JSON.stringify(outputs));
  const calls: Call[] = [];
  const runner: ProcessRunner = {
    async run(program, args, options) {
      calls.push({ line: [program, ...args].join(' '), kubeconfig: options?.env?.KUBECONFIG });
      if (program === 'gcloud') return { ...gcloud, stdout: '' };
      return { exitCode: 0, stdout: '{"clientVersion": {"gitVersion": "v1.32.4"}}', stderr: '' };
    },
    start: () => Promise.reject(new Error('nothing goes on')),
  };
  const config = parseProject('name: demo\ngcp: { project: my-project, region: us-central1 }\n');
  const options = { project: { file: undefined, dir, config }, namespace: 'prod', timeoutMs: 1, kubernetes: {} };
  const deps = { runner, reporter: silentReporter, env: { KUBECONFIG: '/the/users/own' }, now: () => new Date() };
  return { calls, open: () => createGkeTarget(options, deps) };
}

const provisioned = { gke_cluster_name: 'demo', gke_cluster_location: 'us-central1-a' };
const fine = { exitCode: 0, stderr: 'Fetching cluster endpoint and auth data.' };

test('gcloud writes into a kubeconfig of ours, by the DNS endpoint where there is one', async () => {
  const { calls, open } = await opening({ ...provisioned, gke_dns_endpoint: 'gke-1.gke.goog' }, fine);
  const target = await open();
  expect(target.place).toBe('GKE cluster demo in us-central1-a, namespace prod');
  const [, gcloud] = calls;
  expect(gcloud?.line).toBe(
    'gcloud container clusters get-credentials demo --location us-central1-a --project my-project --dns-endpoint --quiet',
  );
  const file = gcloud?.kubeconfig ?? '';
  expect(file).not.toBe('/the/users/own');
  expect(((await stat(join(file, '..'))).mode & 0o777).toString(8)).toBe('700');
  await target.close();
  await expect(stat(join(file, '..'))).rejects.toThrow('ENOENT');
});

test('without a DNS endpoint gcloud is not asked for it', async () => {
  const { calls, open } = await opening(provisioned, fine);
  await (await open()).close();
  expect(calls[1]?.line).not.toContain('--dns-endpoint');
});

test('what gcloud says is why, and the kubeconfig is gone', async () => {
  const stderr =
    'Fetching cluster endpoint and auth data.\nERROR: (gcloud.container.clusters.get-credentials) ResponseError: code=404, message=Not found.';
  const { calls, open } = await opening(provisioned, { exitCode: 1, stderr });
  const error = await errorOf(open);
  expect(error).toMatchObject({ code: 'GCLOUD_FAILED', exitCode: 5 });
  expect(error.why).toBe(
    'ERROR: (gcloud.container.clusters.get-credentials) ResponseError: code=404, message=Not found.',
  );
  await expect(stat(join(calls[1]?.kubeconfig ?? '', '..'))).rejects.toThrow('ENOENT');
});

test('no cluster and no context', async () => {
  const { open } = await opening({}, fine);
  expect(await errorOf(open)).toMatchObject({ code: 'CLUSTER_UNNAMED', exitCode: 2 });
});
