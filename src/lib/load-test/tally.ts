import { encode, type LatencyRecorder, merge } from './histogram.js';
import type { Requests } from './result.js';
import type { AfterEnd, ShardFailure, ShardReport, SloTally } from './shard.js';

/** The books of all threads in one. */
export interface Tally {
  readonly requests: Requests;
  readonly measuredMs: number;
  readonly all: LatencyRecorder;
  readonly right: LatencyRecorder;
  readonly histograms: { readonly all: string; readonly ok: string };
  readonly failures: readonly { readonly reason: string; readonly count: number }[];
  readonly firstFailure: ShardFailure | null;
  readonly slo: SloTally;
  readonly busy: { readonly sampled: number; readonly samples: number; readonly byLatency: number };
  readonly eventLoopDelayP99Ms: number;
  /** Of the busiest and of the least busy thread. */
  readonly utilization: { readonly max: number; readonly min: number };
}

/** Sums counters and adds histograms; nothing is averaged over threads. */
export function tally(reports: readonly ShardReport[]): Tally {
  const sum = (value: (report: ShardReport) => number) => reports.reduce((total, report) => total + value(report), 0);
  const ok = sum((report) => report.ok);
  const failed = sum((report) => report.failed);
  const afterEnd: AfterEnd = {
    ok: sum((report) => report.afterEnd.ok),
    failed: sum((report) => report.afterEnd.failed),
    timeouts: sum((report) => report.afterEnd.timeouts),
    lost: sum((report) => report.afterEnd.lost),
    unanswered: sum((report) => report.afterEnd.unanswered),
  };
  const all = merge(reports.map((report) => report.all));
  const right = merge(reports.map((report) => report.right));
  const failures = addUp(reports.map((report) => report.failures));
  return {
    requests: {
      planned: null,
      sent: sum((report) => report.sent),
      answered: ok + failed,
      ok,
      failed,
      timeouts: sum((report) => report.timeouts),
      lost: sum((report) => report.lost),
      connectErrors: sum((report) => report.connectErrors),
      inFlightAtEnd: afterEnd.ok + afterEnd.failed + afterEnd.timeouts + afterEnd.lost + afterEnd.unanswered,
      late: null,
      byStatus: addUp(reports.map((report) => report.byStatus)),
      afterEnd,
      connects: sum((report) => report.connects),
    },
    measuredMs: Math.max(0, ...reports.map((report) => report.windowMs)),
    all,
    right,
    histograms: { all: encode(all).encoded, ok: encode(right).encoded },
    failures: Object.entries(failures)
      .map(([reason, count]) => ({ reason, count }))
      .toSorted((a, b) => b.count - a.count || a.reason.localeCompare(b.reason)),
    firstFailure: earliest(reports.map((report) => report.firstFailure)),
    slo: {
      clientErrors: sum((report) => report.slo.clientErrors),
      counts: (reports[0]?.slo.counts ?? []).map((_, index) => ({
        counted: sum((report) => report.slo.counts[index]?.counted ?? 0),
        good: sum((report) => report.slo.counts[index]?.good ?? 0),
      })),
    },
    busy: {
      sampled: sum((report) => report.busy.sampled),
      samples: Math.min(...reports.map((report) => report.busy.samples)),
      byLatency: sum((report) => report.busy.byLatency),
    },
    eventLoopDelayP99Ms: Math.max(0, ...reports.map((report) => report.generator.eventLoopDelayP99Ms)),
    utilization: {
      max: Math.max(0, ...reports.map((report) => report.generator.utilization)),
      min: Math.min(...reports.map((report) => report.generator.utilization), reports.length > 0 ? 1 : 0),
    },
  };
}

function addUp(parts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const part of parts) {
    for (const [name, count] of Object.entries(part)) total[name] = (total[name] ?? 0) + count;
  }
  return total;
}

function earliest(failures: readonly (ShardFailure | null)[]): ShardFailure | null {
  const found = failures.filter((failure) => failure !== null);
  return found.reduce<ShardFailure | null>(
    (first, next) => (first === null || next.atMs < first.atMs ? next : first),
    null,
  );
}
