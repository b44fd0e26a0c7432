import { type ExitCode, exitCodes } from './exit-codes.js';

/** What every error tells: what happened (the message), why, and the next thing to do or run. */
export interface ErrorDetails {
  /** Stable identifier for scripts, in SCREAMING_SNAKE_CASE. */
  readonly code: string;
  readonly why?: string;
  /** Commands or steps that lead on, most likely first. */
  readonly actions?: readonly string[];
  readonly cause?: unknown;
}

/** The `error` member of `--json` output (design: exactly one JSON document on stdout). */
export interface ErrorJson {
  readonly code: string;
  readonly message: string;
  readonly why: string | null;
  readonly actions: readonly string[];
  readonly exitCode: ExitCode;
}

/** Base of every error that mlops raises on purpose. Anything else that reaches the top is a bug (exit 70). */
export abstract class MlopsError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly code: string;
  readonly why: string | undefined;
  readonly actions: readonly string[];

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = details.code;
    this.why = details.why;
    this.actions = details.actions ?? [];
  }

  toJSON(): ErrorJson {
    return {
      code: this.code,
      message: this.message,
      why: this.why ?? null,
      actions: this.actions,
      exitCode: this.exitCode,
    };
  }
}

/** The operation was tried and failed. */
export class OperationError extends MlopsError {
  readonly exitCode = exitCodes.failed.code;
}

/** The command line, the configuration or an input file is wrong: nothing was tried. */
export class UsageError extends MlopsError {
  readonly exitCode = exitCodes.usage.code;
}

/** The operation worked, and what it judged did not pass: an SLO, a gate. */
export class VerdictError extends MlopsError {
  readonly exitCode = exitCodes.verdict.code;
}

/** A measurement does not hold, so there is no verdict. */
export class InvalidMeasurementError extends MlopsError {
  readonly exitCode = exitCodes.invalid.code;
}

/** A program, a login or an endpoint that the operation needs is not there. */
export class PrerequisiteError extends MlopsError {
  readonly exitCode = exitCodes.prerequisite.code;
}

/** The user interrupted before there was anything to report. */
export class InterruptedError extends MlopsError {
  readonly exitCode = exitCodes.interrupted.code;

  constructor(message = 'Interrupted', details: Partial<ErrorDetails> = {}) {
    super(message, { code: 'INTERRUPTED', ...details });
  }
}
