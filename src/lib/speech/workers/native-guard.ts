import type { Graph } from '../../inference/graph.js';

/** Places in the shared memory: whether the process is ending, and whether the thread is inside native code. */
const ending = 0;
const inside = 1;

/** Longer than one run of a model takes. */
const longestRunMs = 5_000;

/** Shared by a thread and the one that started it. */
export type NativeGuard = Int32Array<SharedArrayBuffer>;

/**
 * A process that ends while one of its threads is inside native code crashes there, on whatever way it ends. The guard lets
 * a thread finish its run, and begin no other one.
 */
export function createNativeGuard(): NativeGuard {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** For the main thread, as the last thing it does: waits until the thread is outside native code for good. */
export function leaveNativeCode(guard: NativeGuard): void {
  Atomics.store(guard, ending, 1);
  if (Atomics.load(guard, inside) === 1) Atomics.wait(guard, inside, 1, longestRunMs);
}

/** For the thread: native work that the end of the process waits for. Does not settle when that has begun already. */
export async function inNativeCode<T>(guard: NativeGuard, work: () => Promise<T>): Promise<T> {
  Atomics.store(guard, inside, 1);
  const tooLate = Atomics.load(guard, ending) === 1;
  try {
    if (!tooLate) return await work();
  } finally {
    Atomics.store(guard, inside, 0);
    Atomics.notify(guard, inside);
  }
  return new Promise<never>(() => undefined);
}

/** The same graph, every run of it guarded. */
export function guarded(graph: Graph, guard: NativeGuard): Graph {
  return { ...graph, run: (...args) => inNativeCode(guard, () => graph.run(...args)) };
}
