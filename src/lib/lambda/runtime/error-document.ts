import { MlopsError } from '../../base/errors/mlops-error.js';

/** An error as the Runtime API takes it and `aws lambda invoke` shows it. */
export interface ErrorDocument {
  readonly errorMessage: string;
  readonly errorType: string;
  readonly stackTrace: readonly string[];
}

/** Expected errors say what, why and what to do; only a bug has a stack trace. */
export function errorDocument(error: unknown): ErrorDocument {
  if (error instanceof MlopsError) {
    const { message, why, actions, code } = error;
    const errorMessage = [message, ...(why === undefined ? [] : [why]), ...actions].join('\n');
    return { errorMessage, errorType: code, stackTrace: [] };
  }
  if (!(error instanceof Error)) return { errorMessage: String(error), errorType: 'Error', stackTrace: [] };
  const lines = (error.stack ?? '').split('\n').slice(1);
  return { errorMessage: error.message, errorType: error.name, stackTrace: lines.map((line) => line.trim()) };
}
