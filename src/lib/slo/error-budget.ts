import type { Slo } from './types.js';

/** The share of requests that may be bad: 1 - target. */
export function errorBudget({ target }: Pick<Slo, 'target'>): number {
  return tidy(1 - target);
}

/** How long a complete outage may last within the SLO's window, in milliseconds. */
export function budgetMs(slo: Pick<Slo, 'target' | 'windowMs'>): number {
  return Math.round(errorBudget(slo) * slo.windowMs);
}

/** How many requests may be bad within the SLO's window. @param perSecond the rate that is expected */
export function budgetRequests(slo: Pick<Slo, 'target' | 'windowMs'>, perSecond: number): number {
  return tidy((errorBudget(slo) * perSecond * slo.windowMs) / 1000);
}

/** 1 - 0.999 is not 0.001 in binary; nobody wants to read 0.0010000000000000009 in an alarm. */
export function tidy(value: number): number {
  return Number(value.toPrecision(10));
}
