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
  const controller = new AbortController();
  const listener = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(interruptedExitCode);
    controller.abort(name);
  };
  for (const name of stopSignals) process.on(name, listener);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of stopSignals) process.off(name, listener);
    },
  };
}
