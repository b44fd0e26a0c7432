import { formatCount } from '../../base/units.js';
import { type LatencyRecorder, merge } from '../histogram.js';
import type { LoadTestResult, TimelineRow } from '../result.js';
import { bar, chart, dot, frame, hover, line, type Point } from './chart.js';
import type { Markup } from './markup.js';
import { latencyScale, linearScale } from './scale.js';

/** More columns than this cannot be told apart on a screen. */
const mostColumns = 240;
const pointsPerDecade = 40;
const namedPercentiles = [50, 90, 95, 99, 99.9, 99.99];

/** Latency over the percentile, the axis stretched towards 100 % as HdrHistogram's plots do: log10(1 / (1 - q)). */
export function percentileChart(result: LoadTestResult): Markup {
  const all = curve(merge([{ encoded: result.histograms.all, sumMs: 0, maxMs: result.latencyMs.max ?? 0 }]));
  const right = curve(merge([{ encoded: result.histograms.ok, sumMs: 0, maxMs: result.okLatencyMs.max ?? 0 }]));
  const differs = result.requests.ok + result.requests.afterEnd.ok < result.requests.sent && right.length > 0;
  const decades = Math.max(1, ...all.map(({ depth }) => depth));
  const x = (depth: number) => frame.left + (depth / decades) * (frame.right - frame.left);
  const y = latencyScale(
    [...all, ...(differs ? right : [])].map(({ ms }) => ms),
    frame.bottom,
    frame.top,
  );
  const drawn = (points: readonly CurvePoint[], className: string, name: string) => [
    line(
      points.map((point) => place(point)),
      className,
    ),
    ...points
      .filter(({ percentile }) => namedPercentiles.includes(percentile))
      .map((point) => dot(place(point), className, `${name}: ${point.percentile} % within ${withUnit(point.ms)}`)),
  ];
  const place = ({ depth, ms }: CurvePoint): Point => ({ x: x(depth), y: y.at(ms) });
  return chart({
    title: 'Latency by percentile',
    xLabel: 'share of requests that were faster',
    yLabel: y.logarithmic ? 'ms, logarithmic' : 'ms',
    xTicks: [0, ...namedPercentiles, 99.999]
      .map((percentile) => ({ depth: depthOf(percentile), label: `${percentile}%` }))
      .filter(({ depth, label }) => depth <= decades && label !== '95%')
      .map(({ depth, label }) => ({ at: x(depth), label })),
    y,
    formatY: formatMs,
    legend: [
      { className: 'series-a', label: 'every request sent' },
      ...(differs ? [{ className: 'series-b', label: 'right answers only' }] : []),
    ],
    marks: [...(differs ? drawn(right, 'series-b', 'right answers') : []), ...drawn(all, 'series-a', 'every request')],
  });
}

/** p50 and p99 of what finished in each second. */
export function latencyTimelineChart(result: LoadTestResult): Markup {
  const columns = columnsOf(result);
  const x = linearScale(result.load.measuredSeconds, frame.left, frame.right, 9);
  const values = columns.flatMap(({ p50, p99 }) => [p50, p99]).filter((value) => value !== null);
  const y = latencyScale(values, frame.bottom, frame.top);
  const series = (key: 'p50' | 'p99') =>
    columns.map((column): Point | null => {
      const value = column[key];
      return value === null ? null : { x: x.at((column.from + column.to) / 2), y: y.at(value) };
    });
  const dots = (key: 'p50' | 'p99', className: string) =>
    columns.length > 1 ? [] : series(key).flatMap((point) => (point === null ? [] : [dot(point, className, key)]));
  const grouped = columns.some(({ from, to }) => to - from > 1) ? ', worst second of each group' : '';
  return chart({
    title: `Latency by second${grouped}`,
    xLabel: 'seconds since the start',
    yLabel: y.logarithmic ? 'ms, logarithmic' : 'ms',
    xTicks: x.ticks.map((value) => ({ at: x.at(value), label: String(value) })),
    y,
    formatY: formatMs,
    legend: [
      { className: 'series-b', label: 'p99' },
      { className: 'series-a', label: 'p50' },
    ],
    marks: [
      line(series('p99'), 'series-b'),
      line(series('p50'), 'series-a'),
      ...dots('p99', 'series-b'),
      ...dots('p50', 'series-a'),
      ...columns.map((column) =>
        hover(
          x.at(column.from),
          x.at(column.to) - x.at(column.from),
          `${span(column)}: p50 ${withUnit(column.p50)}, p99 ${withUnit(column.p99)}`,
        ),
      ),
    ],
  });
}

/** Right answers per second, and what failed on top of them. */
export function throughputChart(result: LoadTestResult): Markup {
  const columns = columnsOf(result);
  const x = linearScale(result.load.measuredSeconds, frame.left, frame.right, 9);
  const y = linearScale(Math.max(0, ...columns.map(({ ok, failed }) => ok + failed)), frame.bottom, frame.top);
  const failures = columns.some(({ failed }) => failed > 0);
  return chart({
    title: 'Requests finished per second',
    xLabel: 'seconds since the start',
    yLabel: 'per second',
    xTicks: x.ticks.map((value) => ({ at: x.at(value), label: String(value) })),
    y,
    formatY: (value) => (value < 10 ? String(value) : formatCount(value)),
    legend: [
      { className: 'series-ok', label: 'ok' },
      { className: 'series-bad', label: failures ? 'failed, timed out or lost' : 'failed, timed out or lost: none' },
    ],
    marks: columns.flatMap(({ from, to, ok, failed, ...column }) => {
      const left = x.at(from) + (x.at(to) - x.at(from)) * 0.06;
      const right = x.at(to) - (x.at(to) - x.at(from)) * 0.06;
      return [
        bar({ x: left, y: y.at(0) }, { x: right, y: y.at(ok) }, 'series-ok'),
        bar({ x: left, y: y.at(ok) }, { x: right, y: y.at(ok + failed) }, 'series-bad'),
        hover(
          x.at(from),
          x.at(to) - x.at(from),
          `${span({ from, to, ok, failed, ...column })}: ${formatCount(ok)} ok/s, ${formatCount(failed)} failed/s`,
        ),
      ];
    }),
  });
}

interface CurvePoint {
  readonly percentile: number;
  /** log10(1 / (1 - q)): 1 at 90 %, 2 at 99 %. */
  readonly depth: number;
  readonly ms: number;
}

function curve(latencies: LatencyRecorder): CurvePoint[] {
  const count = latencies.histogram.totalCount;
  if (count === 0) return [];
  const last = Math.log10(count);
  // Not from 0 %: one request that was faster than all others would set the scale.
  const depths = Array.from(
    { length: Math.floor(last * pointsPerDecade) },
    (_, index) => (index + 1) / pointsPerDecade,
  );
  const named = namedPercentiles.filter((percentile) => depthOf(percentile) <= last);
  const drawn = new Set([...depths.map((depth) => 100 * (1 - 10 ** -depth)), ...named]);
  const points = [...drawn]
    .toSorted((a, b) => a - b)
    .map((percentile) => ({
      percentile,
      depth: depthOf(percentile),
      ms: Math.min(latencies.histogram.getValueAtPercentile(percentile) / 1000, latencies.maxMs),
    }));
  return [...points, { percentile: 100, depth: last, ms: latencies.maxMs }];
}

function depthOf(percentile: number): number {
  return -Math.log10(1 - percentile / 100);
}

/** One or more seconds of the timeline; counts are per second. */
interface Column extends Omit<TimelineRow, 'second'> {
  readonly from: number;
  readonly to: number;
}

/** A stopped test ends within a second: its rates are those of the part that ran. */
function columnsOf({ timeline, load }: LoadTestResult): Column[] {
  const size = Math.ceil(timeline.length / mostColumns);
  const columns: Column[] = [];
  for (let start = 0; start < timeline.length; start += size) {
    const rows = timeline.slice(start, start + size);
    const from = rows[0]?.second ?? 0;
    const to = Math.min((rows.at(-1)?.second ?? 0) + 1, load.measuredSeconds);
    const seconds = to - from;
    if (seconds < 0.05) continue;
    const rate = (key: 'ok' | 'failed') => rows.reduce((sum, row) => sum + row[key], 0) / seconds;
    columns.push({
      from,
      to,
      ok: rate('ok'),
      failed: rate('failed'),
      p50: worst(rows, 'p50'),
      p99: worst(rows, 'p99'),
    });
  }
  return columns;
}

function worst(rows: readonly TimelineRow[], key: 'p50' | 'p99'): number | null {
  const values = rows.map((row) => row[key]).filter((value) => value !== null);
  return values.length === 0 ? null : Math.max(...values);
}

function span({ from, to }: Column): string {
  return `second ${from} to ${Math.round(to * 10) / 10}`;
}

function withUnit(ms: number | null): string {
  return ms === null ? 'n/a' : `${formatMs(ms)} ms`;
}

function formatMs(value: number): string {
  return value >= 1000 ? formatCount(value) : String(Number(value.toPrecision(4)));
}
