/**
 * Places at the model: as many recordings as there are threads are under work, a bounded number waits in the order of
 * their arrival, and whoever comes then is refused.
 */
export class Places {
  readonly #threads: number;
  readonly #queue: number;
  readonly #waiting: Set<() => void> = new Set();
  #taken = 0;

  constructor(threads: number, queue: number) {
    this.#threads = threads;
    this.#queue = queue;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Nobody gets in at the moment, not even to wait. */
  get full(): boolean {
    return this.#taken >= this.#threads && this.#waiting.size >= this.#queue;
  }

  /**
   * Resolves with what gives the place back, undefined when there is none and no room to wait for one. Rejects with the
   * reason of `signal` when that aborts first.
   */
  async take(signal: AbortSignal): Promise<(() => void) | undefined> {
    signal.throwIfAborted();
    if (this.full) return undefined;
    if (this.#taken < this.#threads) this.#taken++;
    else await this.#turn(signal);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#giveBack();
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(enter);
        reject(signal.reason);
      };
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      this.#waiting.add(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** The place goes to whoever waits longest, without being free in between. */
  #giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#taken--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
