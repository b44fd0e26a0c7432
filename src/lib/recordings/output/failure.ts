import { describeError } from '../../base/errors/describe.js';
import { MlopsError } from '../../base/errors/mlops-error.js';

/** A recording that gave no result, and why: a line of errors.jsonl. */
export interface Failure {
  readonly source: string;
  /** ISO 8601 UTC. */
  readonly timestamp: string;
  /** Of the error, such as AUDIO_TRUNCATED. */
  readonly code: string;
  readonly message: string;
  readonly why: string | null;
}

/** Any error about one recording. What is no error of ours is kept too: the others go on. */
export function failureOf(error: unknown, source: string, at: Date): Failure {
  const timestamp = at.toISOString();
  if (error instanceof MlopsError) {
    return { source, timestamp, code: error.code, message: error.message, why: error.why ?? null };
  }
  const code = error instanceof Error && 'errno' in error ? 'SOURCE_UNREADABLE' : 'UNEXPECTED';
  return { source, timestamp, code, message: describeError(error), why: null };
}

/** On one line. */
export function inWords({ source, message, why }: Failure): string {
  const what = message.includes(source) ? message : `${source}: ${message}`;
  return why === null ? what : `${what}: ${why}`;
}

/**
 * Stops a whole run: its reason is not about one recording, and every other would meet it too (credentials that are
 * refused, a full disk under the results).
 */
export class RunStopper extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('the run cannot go on', { cause: reason });
    this.reason = reason;
  }
}

/** Runs what every recording needs: when it fails, so does the run. */
export async function stopping<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOfRun = error instanceof MlopsError && error.code !== 'RESULT_NAME_UNUSABLE';
    throw isOfRun ? new RunStopper(error) : error;
  }
}
