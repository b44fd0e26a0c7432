import { availableParallelism } from 'node:os';

/** What this process may use of its machine. In a container that is what its limits leave. */
export interface Machine {
  readonly cores: number;
  /** That it may still take. */
  readonly memoryBytes: number;
}

export function thisMachine(): Machine {
  return { cores: availableParallelism(), memoryBytes: process.availableMemory() };
}
