import type { Kubectl } from '../../platform/kubernetes/kubectl.js';
import { type KubernetesObject, keyOf, writeObjects } from '../../platform/kubernetes/objects.js';
import { fieldManager } from './options.js';
import { planReplicas, replicasManager, replicasOnly, withReplicas } from './replicas.js';
import { throwIfStopped } from './stopped.js';

export interface ApplyOptions {
  /** Takes over fields of other managers. */
  readonly force: boolean;
  readonly stop: AbortSignal;
}

/** Server-side apply may be repeated, so a broken connection is tried again. */
const retries = 3;

/** Asks the server whether it would take the objects, without changing anything. */
export async function dryRun(kubectl: Kubectl, objects: readonly KubernetesObject[], force: boolean): Promise<void> {
  const args = applyArgs(fieldManager, force);
  const input = await writeObjects(objects);
  await kubectl.text('Trying the manifests', [...args, '--dry-run=server'], { input, retries });
}

/** Applies a manifest under the field manager `mlops`, with the number of replicas in good hands before and after. */
export async function applyManifest(
  kubectl: Kubectl,
  objects: readonly KubernetesObject[],
  { force, stop }: ApplyOptions,
): Promise<void> {
  const { first, hold } = await planReplicas(kubectl, objects);
  if (first.size > 0) await apply(kubectl, withReplicas(objects, first), fieldManager, force);
  const held = new Map([...first, ...hold]);
  if (held.size > 0) await apply(kubectl, replicasOnly(objects, held), replicasManager, true);
  throwIfStopped(stop);
  await apply(kubectl, objects, fieldManager, force);
}

async function apply(kubectl: Kubectl, objects: readonly KubernetesObject[], manager: string, force: boolean) {
  await kubectl.text('Applying the manifests', applyArgs(manager, force), {
    input: await writeObjects(objects),
    retries,
  });
}

function applyArgs(manager: string, force: boolean): string[] {
  const args = ['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'];
  return force ? [...args, '--force-conflicts'] : args;
}

/** Kinds that hold data or other things: they are never taken away by a deploy. */
const neverPruned = new Set([
  'Namespace',
  'PersistentVolumeClaim',
  'PersistentVolume',
  'CustomResourceDefinition',
  'Secret',
]);

/** What former manifests applied and this one does not have any more. */
export function leftovers(
  former: readonly KubernetesObject[],
  objects: readonly KubernetesObject[],
): { readonly prune: KubernetesObject[]; readonly keep: KubernetesObject[] } {
  const now = new Set(objects.map(keyOf));
  const gone = new Map(former.filter((object) => !now.has(keyOf(object))).map((object) => [keyOf(object), object]));
  const all = [...gone.values()];
  return {
    prune: all.filter(({ kind }) => !neverPruned.has(kind)),
    keep: all.filter(({ kind }) => neverPruned.has(kind)),
  };
}

export async function prune(kubectl: Kubectl, objects: readonly KubernetesObject[]): Promise<void> {
  if (objects.length === 0) return;
  const bare = objects.map(({ apiVersion, kind, metadata: { name, namespace } }) => {
    return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
  });
  const input = await writeObjects(bare);
  await kubectl.text(
    'Taking away what is not needed any more',
    ['delete', '--ignore-not-found', '--wait=false', '-f', '-'],
    {
      input,
      retries,
    },
  );
}
