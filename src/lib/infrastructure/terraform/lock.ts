import { OperationError } from '../../base/errors/mlops-error.js';
import { formatDuration } from '../../base/units.js';

/** Who holds the lock of a state, as terraform says it. */
export interface LockInfo {
  readonly id: string;
  readonly who: string | null;
  /** `apply`, `plan`, ...: terraform's `OperationTypeApply` in lower case. */
  readonly operation: string | null;
  readonly created: Date | null;
}

/** Finds terraform's `Lock Info:` block in the text of an error; undefined when the error is another one. */
export function parseLockInfo(text: string): LockInfo | undefined {
  const block = /Lock Info:\n((?:\s+\w+:.*\n?)+)/.exec(text)?.[1];
  if (block === undefined) return undefined;
  const field = (name: string) => new RegExp(`^\\s+${name}:[ \\t]*(\\S.*)$`, 'm').exec(block)?.[1]?.trim() ?? null;
  // Go prints `2026-11-21 20:38:32.817980978 +0000 UTC`.
  const stamp = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d{4})/.exec(field('Created') ?? '');
  const created = stamp === null ? null : new Date(`${stamp[1]}T${stamp[2]}${stamp[3]?.replace(/(\d\d)$/, ':$1')}`);
  return {
    id: field('ID') ?? '',
    who: field('Who'),
    operation:
      field('Operation')
        ?.replace(/^OperationType/, '')
        .toLowerCase() ?? null,
    created,
  };
}

/** A held lock, explained. mlops never unlocks: only a person can know that the other run is dead. */
export function stateLocked(lock: LockInfo, context: { dir: string; now: number }): OperationError {
  const who = lock.who ?? 'another run';
  const age = lock.created === null ? '' : `, for ${formatDuration(Math.max(0, context.now - lock.created.getTime()))}`;
  const since = lock.created === null ? '' : ` since ${lock.created.toISOString().replace(/\.\d+Z$/, 'Z')}${age}`;
  return new OperationError('The Terraform state is locked by another run', {
    code: 'STATE_LOCKED',
    why: `${who} holds it${since} (${lock.operation ?? 'unknown operation'}, lock ${lock.id}). Nothing was changed.`,
    actions: [
      'Wait until that run is done, then run the command again',
      `Only if that run is certainly dead: terraform -chdir=${context.dir} force-unlock ${lock.id}`,
    ],
  });
}
