const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
const comma = 0x2c;

type State = 'begin' | 'plain' | 'quoted' | 'closed' | 'closed and returned';

/**
 * Where a reader of CSV is, character by character or byte by byte: all that counts is ASCII. RFC 4180 has quotes around a
 * whole value, and doubled within one; readers do not agree on what others mean.
 */
export class CsvQuotes {
  /** Whether what comes next belongs to a value in quotes, whatever it is. */
  isQuoted = false;
  #state: State = 'begin';
  #why: string | undefined;

  push(char: number): void {
    if (this.#state === 'quoted') {
      if (char !== quote) return;
      this.#state = 'closed';
      this.isQuoted = false;
    } else if (char === comma || char === lineFeed) {
      this.#state = 'begin';
    } else if (this.#state === 'plain') {
      if (char === quote) this.#why ??= 'A quote stands in a value that does not begin with one.';
    } else if (char === quote && this.#state !== 'closed and returned') {
      this.#state = 'quoted';
      this.isQuoted = true;
    } else if (this.#state === 'begin') {
      this.#state = 'plain';
    } else if (char === carriageReturn && this.#state === 'closed') {
      this.#state = 'closed and returned';
    } else {
      this.#why ??= 'A value goes on behind the quote that ends it.';
    }
  }

  /** Call it once, after the last character. */
  end(): void {
    if (this.isQuoted) this.#why ??= 'A quote is opened and never closed.';
  }

  /** What is wrong first; undefined for nothing. */
  why(): string | undefined {
    return this.#why;
  }
}
