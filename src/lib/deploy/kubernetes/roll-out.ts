import { describeError } from '../../base/errors/describe.js';
import { InterruptedError, PrerequisiteError } from '../../base/errors/mlops-error.js';
import { inStep, type Reporter } from '../../base/progress/reporter.js';
import { formatDuration } from '../../base/units.js';
import type { Kubectl } from '../../platform/kubernetes/kubectl.js';
import { type KubernetesObject, nameOf } from '../../platform/kubernetes/objects.js';
import { explainRollout } from '../../platform/kubernetes/rollout/explain.js';
import { type RolloutEnd, type RolloutTiming, waitForRollout } from '../../platform/kubernetes/rollout/wait.js';
import { RolloutError } from '../errors.js';
import { applyManifest, leftovers, prune } from './apply.js';
import { isScaler, specOf } from './checks.js';
import type { History, Revision } from './history.js';
import { throwIfStopped } from './stopped.js';

export interface RollOutDeps {
  readonly kubectl: Kubectl;
  readonly history: History;
  readonly reporter: Reporter;
  readonly timing: RolloutTiming;
  readonly now: () => Date;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface RollOutOptions {
  readonly name: string;
  readonly revision: number;
  readonly objects: readonly KubernetesObject[];
  /** What the cluster may have from revisions before, besides. */
  readonly former: readonly KubernetesObject[];
  readonly force: boolean;
  readonly stop: AbortSignal;
}

/**
 * Applies a manifest, waits until its Deployments are ready and takes away what only former ones had. Throws RolloutError
 * with what the pods say, InterruptedError, and what kubectlFailure makes of a refusal.
 */
export async function rollOutManifest(options: RollOutOptions, deps: RollOutDeps): Promise<void> {
  try {
    await applyAndWait(options, deps);
  } catch (error) {
    // Who asks later sees why; a cluster that is out of reach cannot be told.
    const why = error instanceof InterruptedError ? 'interrupted during the rollout' : describeError(error);
    if (!(error instanceof PrerequisiteError)) await deps.history.update(options.revision, { why }).catch(() => {});
    throw error;
  }
}

async function applyAndWait(options: RollOutOptions, deps: RollOutDeps): Promise<void> {
  const { kubectl, reporter } = deps;
  const { objects, stop } = options;
  const { prune: gone, keep } = leftovers(options.former, objects);
  throwIfStopped(stop);
  // Two autoscalers would fight over one Deployment, and KEDA refuses to be the second one.
  await prune(kubectl, gone.filter(isScaler));
  await applyManifest(kubectl, objects, options);
  throwIfStopped(stop);
  await inStep(reporter, 'Waiting for the pods', async (step) => {
    const deployments = objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
    const selector = `app.kubernetes.io/name=${options.name}`;
    const { timing, sleep } = deps;
    const waiting = { deployments, selector, timing, sleep, now: () => deps.now().getTime() };
    const end = await waitForRollout(kubectl, waiting, step, stop);
    if (end.end !== 'ready') throw await rolloutError(end, options, deps);
  });
  await prune(
    kubectl,
    gone.filter((object) => !isScaler(object)),
  );
  if (keep.length > 0) reporter.note(`No longer in the manifests, and left alone: ${keep.map(nameOf).join(', ')}`);
}

/** What revisions from the one that is applied on have applied: later ones may have been cut off on the way. */
export async function formerObjects(
  history: History,
  revisions: readonly Revision[],
  live: Revision | undefined,
): Promise<KubernetesObject[]> {
  if (live === undefined) return [];
  const numbers = revisions.filter((one) => one.revision >= live.revision);
  const manifests = await Promise.all(numbers.map((one) => history.manifest(one.revision)));
  return manifests.flat();
}

async function rolloutError(
  end: Exclude<RolloutEnd, { end: 'ready' }>,
  { name, revision, objects }: RollOutOptions,
  { kubectl, timing }: RollOutDeps,
): Promise<RolloutError> {
  const reasons = await explainRollout(kubectl, end.states);
  const { namespace } = kubectl;
  return new RolloutError(headline(end.end, timing, objects), {
    why: reasons.join('; '),
    actions: [
      `kubectl --namespace ${namespace} describe pods --selector app.kubernetes.io/name=${name}`,
      `kubectl --namespace ${namespace} logs --selector app.kubernetes.io/name=${name} --tail 50`,
    ],
    revision,
  });
}

function headline(
  end: 'hopeless' | 'deadline' | 'timeout',
  timing: RolloutTiming,
  objects: readonly KubernetesObject[],
): string {
  if (end === 'hopeless') return 'The new pods cannot become ready';
  if (end === 'timeout') {
    return `The rollout was not ready within ${formatDuration(timing.timeoutMs)}, the limit of this command (the cluster goes on trying)`;
  }
  const seconds = objects.flatMap(
    (object) => specOf<{ progressDeadlineSeconds?: number }>(object).progressDeadlineSeconds ?? [],
  );
  const limit = seconds.length === 0 ? '' : ` of ${Math.min(...seconds)} s`;
  return `The rollout exceeded its progress deadline${limit} (progressDeadlineSeconds of the Deployment)`;
}
