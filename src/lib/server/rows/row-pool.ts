/** Rows that share one piece of memory. It is freed when the last of them is. */
const rowsPerSlab = 32;

/**
 * Hands out memory for single rows. A typed array of its own costs ten times as much as a view into a common one,
 * because its memory lies outside the JavaScript heap, and most requests are a single row.
 */
export class RowPool {
  readonly #features: number;
  #slab = new Float32Array(0);
  #used = 0;

  constructor(features: number) {
    this.#features = features;
  }

  /** A row of zeros that nobody else has. */
  take(): Float32Array {
    const end = this.#used + this.#features;
    if (end > this.#slab.length) {
      this.#slab = new Float32Array(rowsPerSlab * this.#features);
      this.#used = 0;
      return this.take();
    }
    const row = this.#slab.subarray(this.#used, end);
    this.#used = end;
    return row;
  }
}
