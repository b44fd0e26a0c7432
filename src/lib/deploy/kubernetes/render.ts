import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { kustomize } from '../../platform/kubernetes/kustomize.js';
import type { KubernetesObject } from '../../platform/kubernetes/objects.js';
import type { ProcessRunner } from '../../platform/process/runner.js';
import type { Release } from '../target.js';
import { checkManifest, choosesArchitecture, neededGrace, otherPort, scalerOf } from './checks.js';
import { manifestsLabel } from './folder.js';
import { type FixedAddress, type OverlaySettings, overlayFiles } from './overlay.js';

export interface RenderOptions {
  /** The user's folder, absolute. */
  readonly dir: string;
  readonly release: Release;
  readonly namespace: string;
  readonly address: FixedAddress | undefined;
  readonly pullSecret: string | undefined;
  /** Who may reach a public Service, as CIDR blocks; none: everybody. */
  readonly allowedCidrs: readonly string[];
  /** Of the cluster, on AWS. */
  readonly region: string | undefined;
  /** `amd64` or `arm64`: what the image runs on, if that is known. */
  readonly architecture: string | undefined;
}

/**
 * The manifest of a release: the user's overlay with one of ours on top, built by kustomize in a temporary folder.
 * Throws UsageError `KUSTOMIZE_FAILED` or `MANIFEST_INVALID`.
 */
export async function renderManifest(runner: ProcessRunner, options: RenderOptions): Promise<KubernetesObject[]> {
  // kustomize takes relative paths only, and follows links before it looks at them.
  const temporary = await mkdtemp(join(await realpath(tmpdir()), 'mlops-overlay-'));
  try {
    const user = relative(temporary, await realpath(options.dir))
      .split(sep)
      .join('/');
    const settings = { ...options, userOverlay: `${user}/overlay`, publicComponent: `${user}/components/public` };
    const { release, pullSecret } = options;
    const plain = {
      fixedReplicas: false,
      graceS: undefined,
      portPath: undefined,
      pullSecrets: [],
      architecture: undefined,
    };
    let objects = await build(runner, temporary, { ...settings, ...plain });
    // What depends on the user's files is known once they are built.
    const found = {
      fixedReplicas: scalerOf(objects, release.name) === undefined && !hasReplicas(objects, release.name),
      graceS: neededGrace(objects, release),
      portPath: otherPort(objects, release),
      pullSecrets: pullSecret === undefined ? [] : [...new Set([...pullSecretsOf(objects, release), pullSecret])],
      architecture: choosesArchitecture(objects, release) ? undefined : options.architecture,
    };
    if (!isDeepStrictEqual(found, plain)) objects = await build(runner, temporary, { ...settings, ...found });
    checkManifest(objects, release);
    return objects;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function build(runner: ProcessRunner, dir: string, settings: OverlaySettings): Promise<KubernetesObject[]> {
  const { stringify } = await import('yaml');
  for (const [name, document] of Object.entries(overlayFiles(settings))) {
    await writeFile(join(dir, name), stringify(document, { aliasDuplicateObjects: false }));
  }
  return await kustomize(runner, dir, manifestsLabel);
}

function hasReplicas(objects: readonly KubernetesObject[], name: string): boolean {
  const deployment = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name);
  return (deployment?.spec as { replicas?: unknown } | undefined)?.replicas !== undefined;
}

function pullSecretsOf(objects: readonly KubernetesObject[], { name }: Release): string[] {
  const account = objects.find(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name === name);
  const { imagePullSecrets = [] } = (account ?? {}) as { imagePullSecrets?: readonly { name: string }[] };
  return imagePullSecrets.map((secret) => secret.name);
}
