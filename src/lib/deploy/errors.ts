import { type ErrorDetails, OperationError, UsageError } from '../base/errors/mlops-error.js';

/** A revision did not become ready. */
export class RolloutError extends OperationError {
  /** Undefined when it failed before the target had counted it. */
  readonly revision: number | undefined;

  constructor(message: string, details: Omit<ErrorDetails, 'code'> & { code?: string; revision?: number | undefined }) {
    const { revision, ...rest } = details;
    super(message, { code: 'ROLLOUT_FAILED', ...rest });
    this.revision = revision;
  }
}

/** UsageError `NO_SUCH_REVISION`: the one that was asked for is not there, or none to go back to. `where` as people say it. */
export function noSuchRevision(
  wanted: number | undefined,
  { where, target, why }: { readonly where: string; readonly target: string; readonly why?: string },
): UsageError {
  const message =
    wanted === undefined
      ? `There is no earlier revision of ${where} that could serve`
      : `There is no revision ${wanted} of ${where}`;
  return new UsageError(message, {
    code: 'NO_SUCH_REVISION',
    ...(why === undefined ? {} : { why }),
    actions: [`mlops status --target ${target}`],
  });
}
