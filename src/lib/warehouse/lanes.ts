import { throwIfInterrupted } from './interrupted.js';

/**
 * Does the work for every item, so many at a time, and returns when none is left running. After a failure nothing is begun any
 * more. Throws the first failure, in the order of the lanes, or InterruptedError.
 */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  signal: AbortSignal | undefined,
  work: (item: T, at: number) => Promise<void>,
): Promise<void> {
  const rest = items.entries();
  let hasFailed = false;
  const lane = async () => {
    for (const [at, item] of rest) {
      if (hasFailed) return;
      try {
        throwIfInterrupted(signal);
        await work(item, at);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(lanes, items.length) }, lane));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}
