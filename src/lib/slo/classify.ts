import type { Slo } from './types.js';

/** One finished prediction request as an SLI sees it. */
export interface RequestOutcome {
  /** HTTP status that was (or would have been) answered; 499 stands for a client that went away. */
  readonly status: number;
  readonly durationMs: number;
}

/**
 * Whether a request counts for the SLO at all, and if so whether it was good. A 4xx is the client's fault and counts
 * for nothing; a 5xx (timeouts and refusals under overload included) is bad for every SLI.
 */
export function classify(slo: Slo, outcome: RequestOutcome): 'good' | 'bad' | 'excluded' {
  if (outcome.status >= 400 && outcome.status < 500) return 'excluded';
  if (outcome.status >= 500) return 'bad';
  if (slo.sli === 'latency' && outcome.durationMs > slo.thresholdMs) return 'bad';
  return 'good';
}
