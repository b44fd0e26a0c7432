import { UsageError } from '../../base/errors/mlops-error.js';
import type { StateResource } from '../state.js';

/**
 * The refusal for what protects itself from deletion; undefined when nothing does. The google provider looks at it only when
 * it comes to the cluster: by then half of the rest, images included, would be gone.
 */
export function deletionProtected(state: readonly StateResource[]): UsageError | undefined {
  const guarded = state.filter(({ values }) => values.deletion_protection === true).map(({ address }) => address);
  if (guarded.length === 0) return undefined;
  return new UsageError('Something here is protected from deletion', {
    code: 'DELETION_PROTECTED',
    why: `${guarded.join(', ')}: deletion_protection is true. Nothing was changed.`,
    actions: ['mlops provision --set deletion_protection=false', 'Then mlops provision --destroy again'],
  });
}
