import { InterruptedError } from '../../base/errors/mlops-error.js';

export function throwIfStopped(stop: AbortSignal): void {
  if (stop.aborted) throw new InterruptedError();
}
