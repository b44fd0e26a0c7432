import type { Slo } from './types.js';

const durationEdges = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Upper edges of `mlops_request_duration_seconds`, in seconds. Every threshold is one of them, so that the share of requests
 * within it can be read off the histogram exactly.
 */
export function durationEdgesWith(slos: readonly Slo[]): number[] {
  const thresholds = slos.flatMap((slo) => (slo.sli === 'latency' ? [slo.thresholdMs / 1000] : []));
  return [...new Set([...durationEdges, ...thresholds])].sort((a, b) => a - b);
}
