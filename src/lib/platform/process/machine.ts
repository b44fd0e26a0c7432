import { availableParallelism, totalmem } from 'node:os';

/** What this process may use of its machine. In a container that is what its limits leave. */
export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
}

export function thisMachine(): Machine {
  // Without a limit it is 0, or a number larger than any memory.
  const limit = process.constrainedMemory();
  const memoryBytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return { cores: availableParallelism(), memoryBytes };
}
