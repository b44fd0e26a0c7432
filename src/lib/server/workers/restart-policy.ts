export interface RestartLimits {
  /** Deaths before being ready, without a start that succeeds in between, after which starting again is pointless. */
  readonly failedStarts: number;
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** A worker that served this long has earned a restart without delay. */
  readonly healthyMs: number;
}

export const restartLimits: RestartLimits = {
  failedStarts: 5,
  firstDelayMs: 100,
  longestDelayMs: 10_000,
  healthyMs: 60_000,
};

/** Decides when a worker that died is replaced. The delay doubles with every death in a row. */
export class RestartPolicy {
  readonly #limits: RestartLimits;
  #failedStarts = 0;
  #deathsInARow = 0;

  constructor(limits: RestartLimits = restartLimits) {
    this.#limits = limits;
  }

  started(): void {
    this.#failedStarts = 0;
  }

  /** @param servedMs how long it was ready; undefined when it never was. Returns milliseconds to wait, or `give up`. */
  died(servedMs: number | undefined): number | 'give up' {
    const { failedStarts, firstDelayMs, longestDelayMs, healthyMs } = this.#limits;
    if (servedMs === undefined && ++this.#failedStarts >= failedStarts) return 'give up';
    if (servedMs !== undefined && servedMs >= healthyMs) {
      this.#deathsInARow = 0;
      return 0;
    }
    const delay = Math.min(firstDelayMs * 2 ** this.#deathsInARow, longestDelayMs);
    this.#deathsInARow++;
    return delay;
  }
}
