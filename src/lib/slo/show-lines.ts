import { type Line, line } from '../base/text/line.js';
import { formatCount } from '../base/units.js';
import { formatRatio, formatThreshold } from './format.js';
import type { ShownAlert, ShownSlo, ShownSource, SloOverview } from './show.js';

const columns = ['', 'windows', 'burn rate', 'bad requests', 'of the budget', 'if all are 5xx, after'];

/** The SLOs for people: what they allow, when they alert, what to know, and where the numbers come from. */
export function sloLines({ slos, findings, sources, noServerPageAfterMinutes }: SloOverview): Line[] {
  if (slos.length === 0) return [line('The project has no SLOs: slos in mlops.yaml is an empty list')];
  return [
    ...slos.flatMap((slo) => [...sloBlock(slo), line('')]),
    line(`If no server answers, nothing is counted: a page of its own after ${minutes(noServerPageAfterMinutes)}`),
    line(''),
    ...findings.map(({ level, slo, message }) =>
      line(`${level}: ${slo}: ${message}`, level === 'error' ? 'danger' : level === 'warning' ? 'change' : 'faint'),
    ),
    ...(findings.length === 0 ? [] : [line('')]),
    line('Numbers from', 'heading'),
    sourceLine('load test', sources.loadTest),
    sourceLine('Prometheus', sources.prometheus),
    sourceLine('CloudWatch', sources.cloudwatch),
  ];
}

function sloBlock({ name, thresholdMs, target, window, budget, minBadRequests, alerts }: ShownSlo): Line[] {
  const good = thresholdMs !== null ? `good within ${formatThreshold(thresholdMs)}` : 'good';
  const requests = budget.requests === null ? '' : `, or ${formatCount(Math.floor(budget.requests))} bad requests`;
  return [
    line(`${name}: ${formatRatio(target)} of the requests ${good}, over ${window}`, 'heading'),
    line(`  error budget  ${formatRatio(budget.ratio)}: ${minutes(budget.minutes)} of complete outage${requests}`),
    line(
      `  no alert on   fewer than ${formatCount(minBadRequests)} bad ${minBadRequests === 1 ? 'request' : 'requests'} within the longer window`,
    ),
    ...table([columns, ...alerts.map(row)]),
  ];
}

function row(alert: ShownAlert): string[] {
  return [
    alert.severity,
    `${alert.longWindow} and ${alert.shortWindow}`,
    `> ${Number(alert.factor.toPrecision(4))}`,
    `> ${formatRatio(alert.errorRatio, 3)}`,
    formatRatio(alert.budgetShare, 3),
    alert.firesAfterMinutes === null ? 'never: too few requests' : minutes(alert.firesAfterMinutes),
  ];
}

function table(rows: readonly (readonly string[])[]): Line[] {
  const widths = columns.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  return rows.map((cells, index) =>
    line(
      `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
      index === 0 ? 'faint' : 'plain',
    ),
  );
}

function sourceLine(name: string, source: ShownSource): Line {
  const text = 'from' in source ? source.from : `nowhere. ${source.missing}`;
  return line(`  ${name.padEnd(10)}  ${text}`, 'from' in source ? 'plain' : 'faint');
}

function minutes(value: number): string {
  if (value < 1) return `${Math.round(value * 60)} s`;
  if (value < 120) return `${Number(value.toPrecision(3))} min`;
  return `${Number((value / 60).toPrecision(3))} h`;
}
