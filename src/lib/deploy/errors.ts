import { type ErrorDetails, OperationError } from '../base/errors/mlops-error.js';

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
