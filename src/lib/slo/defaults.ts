import type { Slo } from './types.js';

const thirtyDaysMs = 30 * 86_400_000;

/** What a project without `slos` in mlops.yaml is held to. */
export const defaultSlos: readonly Slo[] = [
  { name: 'availability', sli: 'availability', target: 0.999, windowMs: thirtyDaysMs },
  { name: 'latency', sli: 'latency', thresholdMs: 100, target: 0.99, windowMs: thirtyDaysMs },
];
