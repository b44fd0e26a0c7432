/** A server with more has other things to do as well. */
const mostByDefault = 8;
/** What an engine takes for each recording under work, with room for what is being decoded. */
const bytesEach = 300 * 2 ** 20;

/**
 * Recordings at once unless somebody says: one a core, as far as there is memory for them.
 * @param machine `memoryBytes` is what this process may still take
 */
export function defaultThreads({
  cores,
  memoryBytes,
}: {
  readonly cores: number;
  readonly memoryBytes: number;
}): number {
  return Math.max(1, Math.min(mostByDefault, cores, Math.floor(memoryBytes / bytesEach)));
}
