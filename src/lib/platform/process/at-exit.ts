/** Calls `listener` when this process ends in an orderly way, `process.exit` included. Returns what takes it back. */
export function atExit(listener: () => void): () => void {
  process.once('exit', listener);
  return () => void process.off('exit', listener);
}
