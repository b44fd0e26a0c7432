import { describeError } from '../base/errors/describe.js';
import { type LatencyRecorder, merge, percentileMs } from './histogram.js';
import type { TimelineRow } from './result.js';
import {
  epochMs,
  type OpenShard,
  type Shard,
  type ShardConfig,
  type ShardProgress,
  type ShardReport,
  type ShardSecond,
} from './shard.js';

/** All threads have this long to receive the word before the common start. */
const startDelayMs = 20;
const progressEveryMs = 250;
/** How many of those lie between the two ends of the rate that is shown. */
const rateSpan = 4;

/** What a person sees while it runs. */
export interface LoadProgress extends ShardProgress {
  readonly elapsedMs: number;
  /** Right answers per second, over the last second. */
  readonly okPerSecond: number;
  /** Of the last complete second. */
  readonly p99: number | null;
}

export interface GeneratedLoad {
  readonly startedAt: Date;
  readonly reports: readonly ShardReport[];
  /** Threads that ended without a report, and why. */
  readonly missing: readonly string[];
  readonly timeline: readonly TimelineRow[];
}

export interface GenerateOptions {
  readonly openShard: OpenShard;
  /** Ends the load early; what was measured is reported. */
  readonly stop: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
}

/** Runs all shards over one common window and waits for their books. */
export async function generateLoad(configs: readonly ShardConfig[], options: GenerateOptions): Promise<GeneratedLoad> {
  const timeline = new Timeline(configs.length);
  const progress = new Progress(configs.length, timeline);
  const shards = configs.map((config, index) =>
    options.openShard(config, {
      onProgress: (totals) => progress.update(index, totals),
      onSecond: (second) => timeline.add(second),
    }),
  );
  const settled = Promise.allSettled(shards.map((shard) => shard.done));
  const stop = () => stopAll(shards);
  options.stop.addEventListener('abort', stop, { once: true });
  if (options.stop.aborted) stop();
  let startAt = epochMs();
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.all(shards.map((shard) => shard.ready));
    startAt = epochMs() + startDelayMs;
    for (const shard of shards) shard.start(startAt);
    timer = setInterval(() => options.onProgress(progress.look(epochMs() - startAt)), progressEveryMs);
    // One that fails leaves a load that is not the one asked for: the others need not go on.
    for (const shard of shards) shard.done.catch(stop);
  } catch {
    stop();
  }
  const outcomes = await settled;
  clearInterval(timer);
  options.stop.removeEventListener('abort', stop);
  return {
    startedAt: new Date(startAt),
    reports: outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
    missing: outcomes.flatMap((outcome, index) =>
      outcome.status === 'fulfilled'
        ? []
        : [`thread ${index + 1} of ${configs.length}: ${describeError(outcome.reason)}`],
    ),
    timeline: timeline.rows(),
  };
}

function stopAll(shards: readonly Shard[]): void {
  for (const shard of shards) shard.stop();
}

/** Seconds of several threads, summed; a histogram is kept only until all of them have told theirs. */
class Timeline {
  readonly #threads: number;
  readonly #rows: TimelineRow[] = [];
  readonly #open = new Map<number, ShardSecond[]>();

  constructor(threads: number) {
    this.#threads = threads;
  }

  get latest(): TimelineRow | undefined {
    return this.#rows.at(-1);
  }

  add(second: ShardSecond): void {
    const parts = this.#open.get(second.second) ?? [];
    parts.push(second);
    this.#open.set(second.second, parts);
    if (parts.length === this.#threads) this.#close(second.second, parts);
  }

  rows(): readonly TimelineRow[] {
    for (const [second, parts] of this.#open) this.#close(second, parts);
    return this.#rows.toSorted((a, b) => a.second - b.second);
  }

  #close(second: number, parts: readonly ShardSecond[]): void {
    this.#open.delete(second);
    const latencies: LatencyRecorder = merge(parts.map((part) => part.latencies));
    this.#rows.push({
      second,
      ok: parts.reduce((sum, { ok }) => sum + ok, 0),
      failed: parts.reduce((sum, { failed }) => sum + failed, 0),
      // A single second has few samples: here one beyond the percentile is enough to draw it.
      p50: percentileMs(latencies, 50, 1),
      p99: percentileMs(latencies, 99, 1),
    });
  }
}

class Progress {
  readonly #totals: ShardProgress[];
  readonly #timeline: Timeline;
  readonly #seen: { readonly elapsedMs: number; readonly ok: number }[] = [];

  constructor(threads: number, timeline: Timeline) {
    this.#totals = Array.from({ length: threads }, () => ({ sent: 0, ok: 0, errors: 0 }));
    this.#timeline = timeline;
  }

  update(thread: number, totals: ShardProgress): void {
    this.#totals[thread] = totals;
  }

  look(elapsedMs: number): LoadProgress {
    const sum = (key: keyof ShardProgress) => this.#totals.reduce((total, totals) => total + totals[key], 0);
    const ok = sum('ok');
    const before = this.#seen.at(-rateSpan) ?? this.#seen[0] ?? { elapsedMs: 0, ok: 0 };
    this.#seen.push({ elapsedMs, ok });
    if (this.#seen.length > rateSpan) this.#seen.shift();
    const seconds = (elapsedMs - before.elapsedMs) / 1000;
    return {
      sent: sum('sent'),
      ok,
      errors: sum('errors'),
      elapsedMs,
      okPerSecond: seconds > 0 ? (ok - before.ok) / seconds : 0,
      p99: this.#timeline.latest?.p99 ?? null,
    };
  }
}
