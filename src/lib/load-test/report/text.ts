import { formatCount } from '../../base/units.js';
import type { LatencySummary } from '../histogram.js';
import type { Gate, LoadTestResult } from '../result.js';
import { sloLimits, sloSentence } from '../slo-gates.js';
import { errorCount } from '../verdict.js';
import { closedModelNote, failuresShown, measured, verdictWords } from './words.js';

/** Colours a text, or leaves it as it is where there are no colours. */
export type Paint = (colour: 'green' | 'red' | 'dim' | 'bold', text: string) => string;

const plain: Paint = (_colour, text) => text;

const labelWidth = 12;
const columnWidth = 9;
const oneDecimal = { minimumFractionDigits: 1, maximumFractionDigits: 1 };

/** The result for a terminal. The verdict comes last, where the eye is when the command ends. */
export function formatResult(result: LoadTestResult, paint: Paint = plain): string {
  const blocks = [
    target(result, paint),
    figures(result),
    failures(result, paint),
    gates(result, paint),
    slos(result, paint),
    notes(result, paint),
    verdict(result, paint),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function target({ target, load, environment }: LoadTestResult, paint: Paint): string[] {
  const served = target.served ? ` (${target.model}, served for this test)` : '';
  const rows =
    target.distinctRequests > 1 ? `, ${formatCount(target.distinctRequests)} different requests in turn` : '';
  const threads = `${load.threads} ${load.threads === 1 ? 'thread' : 'threads'}`;
  return [
    paint('bold', `${target.method} ${target.url}`) + served,
    paint(
      'dim',
      `${formatCount(load.connections)} connections, ${threads}, ${load.durationSeconds} s, timeout ${load.timeoutSeconds} s${rows}`,
    ),
    paint('dim', `Node.js ${environment.node}, ${environment.cpus} CPUs (${environment.cpuModel})`),
  ];
}

function figures({ requests, throughput, load, latencyMs, okLatencyMs }: LoadTestResult): string[] {
  const counts: [string, number][] = [
    ['ok', requests.ok],
    ['failed', requests.failed],
    ['timeouts', requests.timeouts],
    ['lost', requests.lost],
    ['connect errors', requests.connectErrors],
    ['in flight at end', requests.inFlightAtEnd],
  ];
  const shown = counts.filter(([name, count]) => count > 0 || name === 'ok' || name === 'failed');
  const statuses = Object.entries(requests.byStatus).map(([status, count]) => `${status}: ${formatCount(count)}`);
  return [
    row(
      'Requests',
      shown.map(([name, count]) => `${formatCount(count)} ${name}`),
    ),
    row('', [
      `of ${formatCount(requests.sent)} sent`,
      ...(statuses.length > 0 ? [`by status ${statuses.join(', ')}`] : []),
    ]),
    row('Throughput', [
      `${throughput.meanPerSecond.toLocaleString('en-US', oneDecimal)} ok/s over ${load.measuredSeconds.toFixed(1)} s`,
    ]),
    ...latencyTable(
      requests.ok > 0 && errorCount(requests) > 0 ? { all: latencyMs, 'ok only': okLatencyMs } : { all: latencyMs },
    ),
  ];
}

function failures({ failures, firstFailure }: LoadTestResult, paint: Paint): string[] {
  if (failures.length === 0) return [];
  const width = Math.max(...failures.map(({ count }) => formatCount(count).length));
  const lines = failures
    .slice(0, failuresShown)
    .map(({ reason, count }) => `  ${paint('red', formatCount(count).padStart(width))}  ${reason}`);
  const more = failures.length - failuresShown;
  if (more > 0) lines.push(paint('dim', `  and ${more} other kinds`));
  if (firstFailure !== null && firstFailure.status !== null) {
    const at = (firstFailure.atMs / 1000).toFixed(3);
    lines.push(`First failure, after ${at} s: HTTP ${firstFailure.status} ${firstFailure.body ?? ''}`.trimEnd());
  }
  return ['Failures', ...lines];
}

function gates({ gates }: LoadTestResult, paint: Paint): string[] {
  const width = Math.max(...gates.map(({ name }) => name.length));
  const line = (gate: Gate) =>
    `  ${mark(gate.passed, paint)} ${gate.name.padEnd(width)}  ${gate.rule}, measured ${measured(gate)}`;
  return ['Gates', ...gates.map(line)];
}

function slos({ slos, load }: LoadTestResult, paint: Paint): string[] {
  if (slos.length === 0) return [];
  const width = Math.max(...slos.map(({ name }) => name.length));
  const lines = slos.map((slo) => `  ${mark(slo.met, paint)} ${slo.name.padEnd(width)}  ${sloSentence(slo)}`);
  return ['SLOs', ...lines, paint('dim', `- ${sloLimits(slos, load.measuredSeconds)}`)];
}

function mark(passed: boolean, paint: Paint): string {
  return passed ? paint('green', '✔') : paint('red', '✖');
}

function notes({ notes }: LoadTestResult, paint: Paint): string[] {
  return [...notes, closedModelNote].map((note) => paint('dim', `- ${note}`));
}

function verdict(result: LoadTestResult, paint: Paint): string[] {
  const right = `${formatCount(result.requests.ok)} right answers in ${result.load.measuredSeconds.toFixed(1)} s`;
  const good = result.slos.length > 0 ? 'every SLO met' : 'no errors';
  const why = result.reasons.length > 0 ? result.reasons.join('; ') : `${right}, ${good}`;
  const word = paint('bold', verdictWords[result.verdict]);
  return [`${paint(result.verdict === 'pass' ? 'green' : 'red', word)}  ${why}`];
}

const columns: readonly (readonly [string, keyof LatencySummary])[] = [
  ['mean', 'mean'],
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p95', 'p95'],
  ['p99', 'p99'],
  ['p99.9', 'p999'],
  ['max', 'max'],
];

function latencyTable(summaries: Readonly<Record<string, LatencySummary>>): string[] {
  const line = (cells: readonly string[]) => cells.map((cell) => cell.padStart(columnWidth)).join('');
  return [
    `${'Latency ms'.padEnd(labelWidth)}${line(columns.map(([name]) => name))}`,
    ...Object.entries(summaries).map(
      ([name, summary]) =>
        `${`  ${name}`.padEnd(labelWidth)}${line(columns.map(([, key]) => milliseconds(summary[key])))}`,
    ),
  ];
}

function milliseconds(value: number | null): string {
  if (value === null) return 'n/a';
  if (value >= 1000) return formatCount(value);
  return value < 100 ? value.toFixed(2) : value.toFixed(1);
}

function row(label: string, parts: readonly string[]): string {
  return `${label.padEnd(labelWidth)}  ${parts.join(' · ')}`;
}
