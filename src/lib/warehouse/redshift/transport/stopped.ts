import { describeError } from '../../../base/errors/describe.js';
import { InterruptedError, MlopsError } from '../../../base/errors/mlops-error.js';
import type { WarehouseDeps } from '../../settings.js';

/** What `work` gives; undefined, with its signal aborted, when it takes longer than this. */
export async function within<T>(
  ms: number,
  sleep: WarehouseDeps['sleep'],
  work: (over: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const over = new AbortController();
  const timer = sleep(ms, over.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([work(over.signal), timer]);
  } finally {
    over.abort();
  }
}

const again = 'Run the same command again: it finds out, and loads nothing twice';

/** Ctrl-C, and what was submitted could not be cancelled. */
export function mayGoOn(id: string, cause?: unknown): InterruptedError {
  const why = cause === undefined ? 'it has not ended yet' : reason(cause);
  return new InterruptedError('Interrupted, and Redshift may go on', {
    why: `Statement ${id} was to be cancelled: ${why}. It may still run, and commit.`,
    actions: [`See how it ends: aws redshift-data describe-statement --id ${id}`, again],
    cause,
  });
}

/** Ctrl-C while a statement was being submitted, and nobody knows whether Redshift took it. */
export function mayHaveBegun(name: string | undefined, cause?: unknown): InterruptedError {
  const why = cause === undefined ? 'there is no answer yet' : reason(cause);
  const list = name === undefined ? '' : ` --statement-name ${name}`;
  return new InterruptedError('Interrupted, and Redshift may have begun', {
    why: `A statement was being submitted: ${why}. If Redshift has taken it, it runs, and may commit.`,
    actions: [`See whether it is there: aws redshift-data list-statements --status ALL${list}`, again],
    cause,
  });
}

/** Ctrl-C while the COMMIT was on its way. */
export function outcomeUnknown(cause: unknown): InterruptedError {
  return new InterruptedError('Interrupted at the commit', {
    why: 'The connection was lost before Redshift answered: the transaction may be committed.',
    actions: [again],
    cause,
  });
}

/** Ctrl-C, and a session of a direct connection could not be ended. It gets no COMMIT any more. */
export function mayHoldLocks(pid: number, why: string): InterruptedError {
  return new InterruptedError('Interrupted, and Redshift may be busy for a while', {
    why: `Nothing was changed. The session ${pid} could not be ended: ${why.replace(/\.$/, '')}. It holds its locks until Redshift notices.`,
    actions: [`End it: SELECT pg_terminate_backend(${pid})`],
  });
}

function reason(cause: unknown): string {
  const text = cause instanceof MlopsError ? (cause.why ?? cause.message) : describeError(cause);
  return text.replace(/\.$/, '');
}
