import { InterruptedError, PrerequisiteError } from '../../../base/errors/mlops-error.js';
import type { Step } from '../../../base/progress/reporter.js';
import { isConnectionFailure } from '../failure.js';
import type { Kubectl } from '../kubectl.js';
import { type RolloutState, rolloutState } from './state.js';
import type { RolloutObject } from './types.js';

/** How long to watch what, in milliseconds. */
export interface RolloutTiming {
  readonly pollMs: number;
  /** A trouble that waiting does not help against has to last this long: registries and nodes hiccup. */
  readonly patienceMs: number;
  /** All in all. */
  readonly timeoutMs: number;
  /** For one question to the cluster. */
  readonly askMs: number;
  /** Without an answer of the cluster. */
  readonly lostMs: number;
}

export type RolloutEnd =
  | { readonly end: 'ready' }
  | { readonly end: 'hopeless' | 'deadline' | 'timeout'; readonly states: readonly RolloutState[] };

export interface WaitOptions {
  /** Names of the Deployments. */
  readonly deployments: readonly string[];
  /** Selects them, their ReplicaSets and their pods. */
  readonly selector: string;
  readonly timing: RolloutTiming;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * Watches until every Deployment is rolled out, or until it is clear that one will not be. It asks again and again instead
 * of holding a watch open: a connection that breaks, a token that runs out and a laptop that sleeps are then all the same.
 * Throws InterruptedError, and PrerequisiteError `CLUSTER_LOST` after `lostMs` without an answer: the cluster goes on
 * rolling out without us.
 */
export async function waitForRollout(
  kubectl: Kubectl,
  options: WaitOptions,
  step: Step,
  stop: AbortSignal,
): Promise<RolloutEnd> {
  const { deployments, timing, now } = options;
  const begun = now();
  let lostSince: number | undefined;
  let hopelessSince: number | undefined;
  for (;;) {
    const answer = await ask(kubectl, options, stop);
    if (typeof answer === 'string') {
      lostSince ??= now();
      if (now() - lostSince >= timing.lostMs) throw lost(kubectl, answer);
      step.update(`the connection is lost, trying again (${answer})`);
    } else {
      lostSince = undefined;
      const states = deployments.flatMap((name) => rolloutState(name, answer) ?? []);
      if (states.length === deployments.length && states.every(({ done }) => done)) return { end: 'ready' };
      step.update(progressText(states));
      if (states.some(({ deadlineExceeded, done }) => deadlineExceeded && !done)) return { end: 'deadline', states };
      if (states.some(({ troubles }) => troubles.some(({ isFinal }) => isFinal))) hopelessSince ??= now();
      else hopelessSince = undefined;
      if (hopelessSince !== undefined && now() - hopelessSince >= timing.patienceMs) return { end: 'hopeless', states };
      if (now() - begun >= timing.timeoutMs) return { end: 'timeout', states };
    }
    await options.sleep(timing.pollMs, stop).catch(() => {});
    if (stop.aborted) throw new InterruptedError();
  }
}

/** The objects of the rollout, or why there was no answer. */
async function ask(
  kubectl: Kubectl,
  { selector, timing }: WaitOptions,
  signal: AbortSignal,
): Promise<readonly RolloutObject[] | string> {
  const args = ['get', 'deployments,replicasets,pods', '--selector', selector, '-o', 'json'];
  const result = await kubectl.run(args, { signal, timeoutMs: timing.askMs });
  if (result.exitCode === 0) return (JSON.parse(result.stdout) as { items: RolloutObject[] }).items;
  const failure = kubectl.failure('Watching the rollout', result);
  if (isConnectionFailure(result.stderr)) return failure.why ?? failure.message;
  throw failure;
}

function progressText(states: readonly RolloutState[]): string {
  return states
    .map(({ deployment, ready, wanted, troubles }) => {
      const name = states.length > 1 ? `${deployment} ` : '';
      const [first] = troubles;
      return `${name}${ready}/${wanted} ready${first === undefined ? '' : `; ${first.pod ?? 'new pods'}: ${first.text}`}`;
    })
    .join(', ');
}

function lost(kubectl: Kubectl, why: string): PrerequisiteError {
  return new PrerequisiteError(`The connection to ${kubectl.access.place} was lost during the rollout`, {
    code: 'CLUSTER_LOST',
    why: `${why}. The cluster goes on rolling out without us.`,
    actions: [...kubectl.access.wayIn, 'When it is back: mlops status'],
  });
}
