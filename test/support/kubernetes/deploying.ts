import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Reporter, silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { packagedManifests } from '../../../src/lib/deploy/kubernetes/folder.js';
import { createGkeTarget } from '../../../src/lib/deploy/kubernetes/gke.js';
import type { KubernetesTarget } from '../../../src/lib/deploy/kubernetes/kubernetes-target.js';
import type { KubernetesFlags } from '../../../src/lib/deploy/kubernetes/options.js';
import type { Release } from '../../../src/lib/deploy/target.js';
import { copyTemplatesOnce } from '../../../src/lib/platform/files/template-folder.js';
import { createProcessRunner } from '../../../src/lib/platform/process/runner.js';
import { parseProject } from '../../../src/lib/project/parse.js';
import { tempDir } from '../temp-dir.js';
import type { TestCluster } from './test-cluster.js';

export const never = new AbortController().signal;

export interface Deploying {
  readonly target: KubernetesTarget;
  readonly release: Release;
  readonly namespace: string;
  /** Absolute: the project. */
  readonly dir: string;
  /** Absolute: the user's deploy/kubernetes. */
  readonly manifests: string;
  /** What was reported, in order. */
  readonly said: string[];
  kubectl(...args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** Creates an object in the namespace. */
  create(object: object): Promise<void>;
  /** Takes the autoscaler out, so that the number of replicas is fixed. */
  withoutAutoscaler(): Promise<void>;
  /** Adds a patch for the Deployment to the user's overlay. */
  patch(...operations: readonly object[]): Promise<void>;
  /** The same project as somebody else sees it. */
  again(flags: Access): Promise<KubernetesTarget>;
}

type Access = KubernetesFlags & {
  kubeconfig?: string;
  env?: Record<string, string>;
  now?: () => Date;
  /** More of mlops.yaml. */
  yaml?: string;
};

/** A renewal may take long on a busy machine. */
const leaseTiming = { durationMs: 3_000, renewMs: 200, pollMs: 500 } as const;

export const timing = { pollMs: 150, patienceMs: 1_200, askMs: 3_000, lostMs: 3_500 } as const;

/** A project with its own manifests and a namespace of its own, ready to be deployed. */
export async function deploying(cluster: TestCluster, overrides: Partial<Release> = {}): Promise<Deploying> {
  const namespace = await cluster.namespace();
  const dir = await tempDir();
  const manifests = join(dir, 'deploy', 'kubernetes');
  const overlay = join(manifests, 'overlay');
  await mkdir(join(dir, 'deploy'));
  const said: string[] = [];
  const reporter = speaking(said);
  const folder = {
    source: packagedManifests,
    dir: manifests,
    label: 'deploy/kubernetes',
    what: '',
    isThere: async () => false,
  };
  await copyTemplatesOnce(folder, silentReporter);
  const open = async ({
    kubeconfig = cluster.kubeconfig,
    env: more,
    now = () => new Date(),
    yaml = '',
    ...flags
  }: Access) => {
    const project = { file: undefined, dir, config: parseProject(`name: demo\n${yaml}`) };
    const options = { project, namespace, timeoutMs: 90_000, kubernetes: { context: cluster.context, ...flags } };
    const env = { KUBECONFIG: kubeconfig, ...more };
    const deps = { runner: createProcessRunner(), reporter, env, now, timing, leaseTiming };
    const target = await createGkeTarget(options, deps);
    onTestFinished(() => target.close());
    return target;
  };
  let patches = 0;
  return {
    target: await open({}),
    release: {
      name: 'demo',
      image: cluster.image,
      modelDigest: 'sha256:model',
      configDigest: undefined,
      port: 8080,
      expose: 'internal',
      replicas: { min: 2, max: 4 },
      resources: { cpu: '100m', memory: '128Mi' },
      drainMs: 11_000,
      ...overrides,
    },
    namespace,
    dir,
    manifests,
    said,
    kubectl: (...args) => cluster.kubectl(['--namespace', namespace, ...args]),
    async create(object) {
      const { exitCode, stderr } = await cluster.kubectl(
        ['--namespace', namespace, 'create', '-f', '-'],
        JSON.stringify(object),
      );
      if (exitCode !== 0) throw new Error(stderr);
    },
    async withoutAutoscaler() {
      const gone = {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { name: 'mlops' },
        $patch: 'delete',
      };
      await writeFile(join(overlay, 'gone.json'), JSON.stringify(gone));
      await appendFile(join(overlay, 'kustomization.yaml'), 'patches:\n  - path: gone.json\n');
    },
    async patch(...operations) {
      const name = `patch-${++patches}.json`;
      await writeFile(join(overlay, name), JSON.stringify(operations));
      const entry = `  - path: ${name}\n    target: { kind: Deployment, name: mlops }\n`;
      await appendFile(join(overlay, 'kustomization.yaml'), patches === 1 ? `patches:\n${entry}` : entry);
    },
    again: open,
  };
}

function speaking(said: string[]): Reporter {
  return {
    step: () => ({ update: (text) => void said.push(text), succeed() {}, fail() {} }),
    note: (text) => void said.push(text),
    warn: (text) => void said.push(text),
  };
}
