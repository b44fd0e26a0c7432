import type { LeftBehind } from '../target.js';

/** What stays of a rollout that is not brought to its end, and what to do about it. `place` as people say it. */
export function leftBehind(
  cause: 'interrupted' | 'failed',
  { name, namespace, place }: { readonly name: string; readonly namespace: string; readonly place: string },
): LeftBehind {
  const look = `kubectl --namespace ${namespace} get pods --selector app.kubernetes.io/name=${name}`;
  if (cause === 'failed') {
    const remove = `kubectl --namespace ${namespace} delete deployment ${name}`;
    return {
      sentences: ['There is no earlier revision to go back to: the new pods are left as they are, to be looked at.'],
      actions: [look, `Take them away with: ${remove}`],
    };
  }
  return {
    sentences: [
      `The rollout goes on in ${place} without us.`,
      'Pods of the revision before serve until new ones are ready, and go on serving when those never are.',
    ],
    actions: ['mlops status', 'mlops rollback', look],
  };
}
