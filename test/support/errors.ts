import { MlopsError } from '../../src/lib/base/errors/mlops-error.js';

/** The error of ours that a call throws or rejects with. Fails the test when there is none, or another one. */
export async function errorOf(call: () => unknown): Promise<MlopsError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof MlopsError) return error;
    throw error;
  }
  throw new Error('expected an error');
}
