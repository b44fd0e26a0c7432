import { countedOnly, type MetricsSnapshot, mergeSnapshots, snapshotsText } from '../metrics/snapshot.js';

/** How long a scrape waits for workers. One that is blocked takes part with what it reported last. */
const reportTimeoutMs = 500;
/** Far longer than a prediction blocks a worker, and far shorter than an alert on a failed scrape waits. */
const defaultSilentMs = 30_000;

export interface FleetSettings {
  /** For how long all workers may say nothing before their last reports are no longer handed out. */
  readonly silentMs?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/**
 * The metrics of all workers, past and present, in the primary process. The last report of every worker is kept: a
 * worker that dies leaves what it had counted, so no counter of the sum ever goes back, and one that does not answer
 * does not make the scrape fail. When none answers any more, it does fail: counters that stand still look like a service
 * that nobody calls, and no alert would tell that it is dead.
 */
export class FleetMetrics {
  readonly #latest = new Map<number, MetricsSnapshot>();
  #retired: Promise<MetricsSnapshot> = Promise.resolve([]);
  #round = 0;
  #missing = new Set<number>();
  #complete: (() => void) | undefined;
  #refreshing: Promise<void> | undefined;
  readonly #silentMs: number;
  readonly #now: () => number;
  #heardAt: number;

  constructor({ silentMs = defaultSilentMs, now = () => performance.now() }: FleetSettings = {}) {
    this.#silentMs = silentMs;
    this.#now = now;
    this.#heardAt = now();
  }

  /** @param ask sends the request for a report of this round to a worker */
  refresh(workers: Iterable<number>, ask: (worker: number, round: number) => void): Promise<void> {
    this.#refreshing ??= this.#collect([...workers], ask).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  reported(worker: number, round: number, metrics: MetricsSnapshot): void {
    this.heard();
    this.#latest.set(worker, metrics);
    if (round === this.#round) this.#answered(worker);
  }

  /** A worker that serves has said something. */
  heard(): void {
    this.#heardAt = this.#now();
  }

  retire(worker: number): void {
    const last = this.#latest.get(worker);
    this.#latest.delete(worker);
    this.#answered(worker);
    if (last === undefined) return;
    this.#retired = this.#retired.then((retired) => mergeSnapshots([retired, countedOnly(last)]));
  }

  /** Prometheus text. Rejects when no worker has said anything for `silentMs`. */
  async text(): Promise<string> {
    const silentMs = this.#now() - this.#heardAt;
    if (silentMs > this.#silentMs) throw new Error(`no worker has answered for ${Math.floor(silentMs / 1_000)} s`);
    // Snapshots of live workers come first: for a few metrics the first one decides.
    const latest = [...this.#latest.values()];
    return snapshotsText([...latest, await this.#retired]);
  }

  async #collect(workers: readonly number[], ask: (worker: number, round: number) => void): Promise<void> {
    const round = ++this.#round;
    this.#missing = new Set(workers);
    if (this.#missing.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#complete = resolve;
      timer = setTimeout(resolve, reportTimeoutMs);
      for (const worker of workers) ask(worker, round);
    });
    clearTimeout(timer);
    this.#complete = undefined;
  }

  #answered(worker: number): void {
    this.#missing.delete(worker);
    if (this.#missing.size === 0) this.#complete?.();
  }
}
