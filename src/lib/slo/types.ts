/**
 * A service level objective: the share of `target` of all prediction requests inside `windowMs` has to be good.
 * Availability: good = answered without a server fault. Latency: good = that, and within `thresholdMs`.
 */
export type Slo = AvailabilitySlo | LatencySlo;

interface SloBase {
  /** Lower-case letters, digits and dashes; a label value in metrics and part of alarm names. */
  readonly name: string;
  /** 0 < target < 1. */
  readonly target: number;
  readonly windowMs: number;
  /** No burn alert on fewer bad requests than this within its long window; undefined: `defaultMinBadRequests`. */
  readonly minBadRequests?: number;
}

export interface AvailabilitySlo extends SloBase {
  readonly sli: 'availability';
}

export interface LatencySlo extends SloBase {
  readonly sli: 'latency';
  readonly thresholdMs: number;
}
