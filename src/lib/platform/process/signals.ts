/** The signals that ask a process to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

const stopSignals: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];

/** 128 + 2, the shell's convention for "ended by Ctrl-C". */
const interruptedExitCode = 130;

/**
 * The first SIGINT or SIGTERM aborts `signal` with its name as the reason, so that the work can stop cleanly; the second
 * ends the process at once. `dispose` gives the signals back to Node's default.
 */
export function watchSignals(): { signal: AbortSignal; dispose(): void } {
  const { stages, dispose } = watchStages(1);
  return { signal: stages[0] as AbortSignal, dispose };
}

/** Two stages of asking work to stop, for what has something to lose when it is cut off. */
export interface Interrupts {
  /** The first SIGINT or SIGTERM: finish what is in flight, begin nothing new. */
  readonly stop: AbortSignal;
  /** The second: give up what is in flight. */
  readonly giveUp: AbortSignal;
}

/** As `watchSignals`, with one signal more before the third ends the process at once. */
export function watchInterrupts(): { interrupts: Interrupts; dispose(): void } {
  const { stages, dispose } = watchStages(2);
  return { interrupts: { stop: stages[0] as AbortSignal, giveUp: stages[1] as AbortSignal }, dispose };
}

function watchStages(count: number): { stages: AbortSignal[]; dispose(): void } {
  const controllers = Array.from({ length: count }, () => new AbortController());
  const listener = (name: NodeJS.Signals) => {
    const next = controllers.find(({ signal }) => !signal.aborted);
    if (next === undefined) process.exit(interruptedExitCode);
    next.abort(name);
  };
  for (const name of stopSignals) process.on(name, listener);
  return {
    stages: controllers.map(({ signal }) => signal),
    dispose: () => {
      for (const name of stopSignals) process.off(name, listener);
    },
  };
}
