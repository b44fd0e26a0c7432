import { exitCodes } from './exit-codes.js';
import {
  type ErrorJson,
  InterruptedError,
  InvalidMeasurementError,
  type MlopsError,
  OperationError,
  PrerequisiteError,
  UsageError,
  VerdictError,
} from './mlops-error.js';

/** An error that came from another process or thread as an error of this one: message, next steps and exit code stay. */
export function errorFromJson({ code, message, why, actions, exitCode }: ErrorJson): MlopsError {
  const details = { code, actions, ...(why === null ? {} : { why }) };
  switch (exitCode) {
    case exitCodes.usage.code:
      return new UsageError(message, details);
    case exitCodes.verdict.code:
      return new VerdictError(message, details);
    case exitCodes.invalid.code:
      return new InvalidMeasurementError(message, details);
    case exitCodes.prerequisite.code:
      return new PrerequisiteError(message, details);
    case exitCodes.interrupted.code:
      return new InterruptedError(message, details);
    default:
      return new OperationError(message, details);
  }
}
