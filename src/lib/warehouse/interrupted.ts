import { InterruptedError } from '../base/errors/mlops-error.js';

/** Throws InterruptedError once the signal was given. */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new InterruptedError();
}

/** Whatever fails after the signal, such as a stream that was destroyed by it, fails as InterruptedError. */
export async function orInterrupted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  throwIfInterrupted(signal);
  try {
    return await work();
  } catch (error) {
    throwIfInterrupted(signal);
    throw error;
  }
}
