import { type BurnRule, burnRules } from '../../slo/burn-rate.js';
import { windowName } from '../../slo/compile/windows.js';
import { formatThreshold } from '../../slo/format.js';
import type { Slo } from '../../slo/types.js';
import type { Threshold } from './panels.js';

// What the dashboards of SLOs say, whatever the data source is.

export function rowTitle(slo: Slo): string {
  return `${slo.name}: ${percent(slo.target)} of requests ${promise(slo)}, over ${windowName(slo.windowMs)}`;
}

export function promise(slo: Slo): string {
  return slo.sli === 'latency' ? `good within ${formatThreshold(slo.thresholdMs)}` : 'answered without a server fault';
}

export function percent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(10))} %`;
}

export function attainedText(slo: Slo): string {
  return `Share of prediction requests of the last ${windowName(slo.windowMs)} that were good. The target is ${percent(slo.target)}. 4xx do not count; 5xx and timeouts are bad.`;
}

export function budgetText(slo: Slo): string {
  return `100 % is ${percent(1 - slo.target)} of the requests of ${windowName(slo.windowMs)} that may be bad; below 0 the SLO is missed.`;
}

export const budgetColours: readonly Threshold[] = [
  { colour: 'red' },
  { from: 0, colour: 'orange' },
  { from: 0.25, colour: 'green' },
];

/** When the alert of a rule fires. */
export function ruleText({ longMs, shortMs, factor, severity, minBadRequests }: BurnRule): string {
  return `${windowName(longMs)} and ${windowName(shortMs)} above ${factor}, with at least ${minBadRequests} bad requests in ${windowName(longMs)} (${severity})`;
}

export const severityColours = { page: 'red', ticket: 'orange' } as const;

/** Grafana takes thresholds in ascending order, each once. */
export function factorLines(slo: Slo): Threshold[] {
  const sorted = [...burnRules(slo)].sort((a, b) => a.factor - b.factor);
  const lines = sorted.filter(({ factor }, index) => factor !== sorted[index - 1]?.factor);
  return [
    { colour: 'transparent' },
    ...lines.map(({ factor, severity }) => ({ from: factor, colour: severityColours[severity] })),
  ];
}
