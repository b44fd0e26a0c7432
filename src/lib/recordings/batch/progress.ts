import { formatCount, formatDuration } from '../../base/units.js';
import type { Item } from '../sources/source.js';

/** How far one recording is. */
export interface ItemProgress {
  at(doneS: number, totalS: number | undefined): void;
  made(durationS: number): void;
  /** It needed no work, or came to nothing: it says nothing of how long others take. */
  dropped(): void;
}

/**
 * Throughput and time left of many recordings. How long recordings are is known only when they are opened, so the time
 * left goes by their bytes.
 */
export class BatchProgress {
  readonly #count: number;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #underWork = new Map<Item, { audioS: number; share: number }>();
  #finished = 0;
  #bytesLeft: number;
  #bytesMade = 0;
  #audioMadeS = 0;

  /** @param now milliseconds of a clock that only goes forward */
  constructor(items: readonly Item[], now: () => number) {
    this.#count = items.length;
    this.#bytesLeft = items.reduce((sum, { source }) => sum + source.bytes, 0);
    this.#now = now;
    this.#startedAt = now();
  }

  begin(item: Item): ItemProgress {
    const end = () => {
      this.#underWork.delete(item);
      this.#finished += 1;
      this.#bytesLeft -= item.source.bytes;
    };
    return {
      at: (doneS, totalS) => {
        const share = totalS === undefined || totalS <= 0 ? 0 : Math.min(1, doneS / totalS);
        this.#underWork.set(item, { audioS: doneS, share });
      },
      made: (durationS) => {
        end();
        this.#audioMadeS += durationS;
        this.#bytesMade += item.source.bytes;
      },
      dropped: end,
    };
  }

  /** Audio that became text so far, in seconds. */
  get audioS(): number {
    return [...this.#underWork.values()].reduce((sum, { audioS }) => sum + audioS, this.#audioMadeS);
  }

  /** Since the start, in milliseconds. */
  get elapsedMs(): number {
    return this.#now() - this.#startedAt;
  }

  /** `3 of 10 · 24 m 10 s of audio · 21x real time · about 5 m left` */
  line(): string {
    const parts = [`${formatCount(this.#finished)} of ${formatCount(this.#count)}`];
    if (this.audioS >= 1) {
      parts.push(`${formatDuration(this.audioS * 1000)} of audio`, this.speed());
      const left = this.#leftMs();
      if (left !== undefined) parts.push(`about ${formatDuration(left)} left`);
    }
    return parts.join(' · ');
  }

  /** `21x real time` */
  speed(): string {
    const ratio = (this.audioS * 1000) / Math.max(1, this.elapsedMs);
    return `${ratio < 10 ? ratio.toFixed(1) : formatCount(ratio)}x real time`;
  }

  #leftMs(): number | undefined {
    let bytesDone = this.#bytesMade;
    for (const [{ source }, { share }] of this.#underWork) bytesDone += source.bytes * share;
    if (bytesDone === 0) return undefined;
    const bytesLeft = this.#bytesLeft - (bytesDone - this.#bytesMade);
    return Math.max(1_000, (this.elapsedMs * bytesLeft) / bytesDone);
  }
}
