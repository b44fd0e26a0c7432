/**
 * Calls a decoder without its words: the wasm decoders write what they find in a damaged file to the console, besides
 * returning it, and our errors are printed once. Whatever else would be written during the synchronous call is lost too,
 * so nothing but the decoder may run in it.
 */
export function quietly<T>(decode: () => T): T {
  const log = globalThis.console;
  const { error } = log;
  log.error = () => {};
  try {
    return decode();
  } finally {
    log.error = error;
  }
}
