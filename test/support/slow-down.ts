/**
 * Makes a process slow the way an overcommitted machine does: it gets the processor only now and then (SIGSTOP, SIGCONT), so
 * that its own clock sees long requests. Resolves, with the process running, once `until` is aborted.
 * @param stoppedMs how long it stands still each time
 * @param runningMs how long it runs in between
 */
export async function slowDown(pid: number, stoppedMs: number, runningMs: number, until: AbortSignal): Promise<void> {
  try {
    while (!until.aborted) {
      process.kill(pid, 'SIGSTOP');
      await delay(stoppedMs);
      process.kill(pid, 'SIGCONT');
      await delay(runningMs);
    }
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
