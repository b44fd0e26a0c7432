import { InterruptedError, MlopsError, OperationError, UsageError } from '../base/errors/mlops-error.js';
import { inStep, type Reporter } from '../base/progress/reporter.js';
import type { RolledOut, Target, TargetKind, TargetStatus } from './target.js';

export interface RollbackDeps {
  readonly target: Target;
  readonly reporter: Reporter;
  readonly stop: AbortSignal;
}

export interface RollbackResult {
  readonly target: TargetKind;
  readonly place: string;
  /** What served before. */
  readonly from: number | null;
  /** What serves now. */
  readonly revision: number;
  readonly endpoint: string | null;
  readonly gapMs: number | null;
}

/**
 * Makes an earlier revision serve again. When it does not come up, the one that served is brought back.
 * Throws UsageError for a revision that there is not, OperationError when it does not come up (both errors, when going
 * back fails too), InterruptedError with what serves.
 */
export async function rollback(
  to: number | undefined,
  { target, reporter, stop }: RollbackDeps,
): Promise<RollbackResult> {
  await target.hold?.(undefined);
  const before = await inStep(reporter, `Looking at ${target.place}`, () => target.status());
  const from = before.revision;
  if (to !== undefined && to === from && before.unfinished === undefined && isUp(before)) {
    throw new UsageError(`Revision ${to} serves already`, { code: 'ALREADY_SERVING', actions: ['mlops status'] });
  }
  let restored: RolledOut;
  try {
    restored = await inStep(
      reporter,
      to === undefined ? 'Going back to the revision before' : `Going back to revision ${to}`,
      () => target.restore(to, stop),
      ({ revision }) => `Revision ${revision} serves`,
    );
  } catch (error) {
    if (stop.aborted) throw await interrupted(target);
    if (error instanceof UsageError || from === undefined || from === to) throw error;
    throw await forward(error, from, { target, reporter, stop });
  }
  if (from !== undefined && from !== restored.revision) {
    await target.record(from, 'rolled-back', `rolled back to revision ${restored.revision}`);
  }
  await target.record(restored.revision, 'serving');
  return {
    target: target.kind,
    place: target.place,
    from: from ?? null,
    revision: restored.revision,
    endpoint: restored.endpoint ?? null,
    gapMs: restored.gapMs ?? null,
  };
}

/** One that has ended can be started again by its number. */
function isUp({ replicas }: TargetStatus): boolean {
  return replicas.ready > 0 || replicas.wanted === 0;
}

async function interrupted(target: Target): Promise<InterruptedError> {
  const { sentences, actions } = await target.leave('interrupted').catch(() => ({ sentences: [], actions: [] }));
  return new InterruptedError('Interrupted while going back', {
    why: sentences.join('\n'),
    actions: ['mlops status', ...actions],
  });
}

async function forward(error: unknown, from: number, { target, stop }: RollbackDeps): Promise<unknown> {
  if (!(error instanceof MlopsError)) return error;
  const first = error.why === undefined ? error.message : `${error.message}\n${error.why}`;
  try {
    await target.restore(from, stop);
  } catch (second) {
    return new OperationError('The rollback failed, and so did bringing back what served', {
      code: 'RESTORE_FAILED',
      why: [first, `Then: ${second instanceof Error ? second.message : String(second)}`].join('\n'),
      actions: ['mlops status'],
      cause: error,
    });
  }
  return new OperationError('The rollback failed', {
    code: error.code,
    why: `${first}\nRevision ${from} serves, as before.`,
    actions: [...error.actions, 'mlops status'],
    cause: error,
  });
}
