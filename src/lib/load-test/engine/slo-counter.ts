import { classify } from '../../slo/classify.js';
import type { Slo } from '../../slo/types.js';
import type { SloTally } from '../shard.js';

/**
 * Counts every request for every SLO with its exact time, as the server's own counters do (`classify`); a histogram's
 * buckets would blur a threshold. Bad here is also what a server cannot see: timeouts, lost requests and wrong answers.
 */
export class SloCounter {
  readonly #slos: readonly Slo[];
  readonly #counts: { counted: number; good: number }[];
  #clientErrors = 0;

  constructor(slos: readonly Slo[]) {
    this.#slos = slos;
    this.#counts = slos.map(() => ({ counted: 0, good: 0 }));
  }

  answered(status: number, durationMs: number, right: boolean): void {
    const clientError = status >= 400 && status < 500;
    if (clientError) this.#clientErrors++;
    for (const [index, counts] of this.#counts.entries()) {
      const verdict = right || clientError ? classify(this.#slos[index] as Slo, { status, durationMs }) : 'bad';
      if (verdict === 'excluded') continue;
      counts.counted++;
      if (verdict === 'good') counts.good++;
    }
  }

  unanswered(): void {
    for (const counts of this.#counts) counts.counted++;
  }

  tally(): SloTally {
    return { clientErrors: this.#clientErrors, counts: this.#counts.map((counts) => ({ ...counts })) };
  }
}
