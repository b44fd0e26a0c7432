import { countedOnly, type MetricsSnapshot, mergeSnapshots, snapshotsText } from '../metrics/snapshot.js';

/** How long a scrape waits for workers. One that is blocked takes part with what it reported last. */
const reportTimeoutMs = 500;

/**
 * The metrics of all workers, past and present, in the primary process. The last report of every worker is kept: a
 * worker that dies leaves what it had counted, so no counter of the sum ever goes back, and one that does not answer
 * does not make the scrape fail.
 */
export class FleetMetrics {
  readonly #latest = new Map<number, MetricsSnapshot>();
  #retired: Promise<MetricsSnapshot> = Promise.resolve([]);
  #round = 0;
  #missing = new Set<number>();
  #complete: (() => void) | undefined;
  #refreshing: Promise<void> | undefined;

  /** @param ask sends the request for a report of this round to a worker */
  refresh(workers: Iterable<number>, ask: (worker: number, round: number) => void): Promise<void> {
    this.#refreshing ??= this.#collect([...workers], ask).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  reported(worker: number, round: number, metrics: MetricsSnapshot): void {
    this.#latest.set(worker, metrics);
    if (round === this.#round) this.#answered(worker);
  }

  retire(worker: number): void {
    const last = this.#latest.get(worker);
    this.#latest.delete(worker);
    this.#answered(worker);
    if (last === undefined) return;
    this.#retired = this.#retired.then((retired) => mergeSnapshots([retired, countedOnly(last)]));
  }

  async text(): Promise<string> {
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
