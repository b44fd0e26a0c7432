import { audioError } from './errors.js';

/**
 * Calls a wasm decoder with bytes that nobody vouches for. A trap in it means that they are damaged. What it writes to
 * the console is dropped: it returns the same, and our errors are printed once. So is whatever else is written during
 * the synchronous part of the call, so nothing but the decoder may run in it.
 */
export async function guarded<T>(path: string, decode: () => T | Promise<T>): Promise<T> {
  try {
    return await quietly(decode);
  } catch (error) {
    if (!isTrap(error)) throw error;
    throw audioError('AUDIO_DAMAGED', path, `Its sound makes the decoder fail: ${error.message}.`, { cause: error });
  }
}

/** Gives a decoder's memory back. One that has trapped cannot, and is left to the garbage collector as a whole. */
export function release(decoder: { free(): void } | undefined): void {
  try {
    decoder?.free();
  } catch (error) {
    if (!isTrap(error)) throw error;
  }
}

function quietly<T>(call: () => T): T {
  const log = globalThis.console;
  const { error } = log;
  log.error = () => {};
  try {
    return call();
  } finally {
    log.error = error;
  }
}

function isTrap(error: unknown): error is Error {
  // WebAssembly's own class; its types are the browser's, which are not loaded here.
  return error instanceof Error && error.name === 'RuntimeError';
}
