import type { Predictions } from './session.js';

/** Whoever waits for the answer; a socket is one. */
export interface Client {
  readonly destroyed: boolean;
}

/** A request on its way through the batcher. */
export interface Ticket {
  readonly rows: Float32Array;
  readonly rowCount: number;
  readonly client: Client | undefined;
  readonly submittedAt: number;
  /** Rows that went into a run already. */
  taken: number;
  readonly parts: Predictions[];
  answered: boolean;
  readonly resolve: (predictions: Predictions) => void;
  readonly reject: (error: unknown) => void;
}

/** The rows of one request that are part of one run. */
export interface Slice {
  readonly ticket: Ticket;
  readonly from: number;
  readonly count: number;
}

/** The rows of one run, row-major. Those of a request that has the run to itself are not copied. */
export function gather(slices: readonly Slice[], rowCount: number, features: number): Float32Array {
  const [first] = slices;
  if (slices.length === 1 && first?.count === first?.ticket.rowCount) return first?.ticket.rows as Float32Array;
  const rows = new Float32Array(rowCount * features);
  let offset = 0;
  for (const { ticket, from, count } of slices) {
    const whole = count === ticket.rowCount;
    rows.set(whole ? ticket.rows : ticket.rows.subarray(from * features, (from + count) * features), offset);
    offset += count * features;
  }
  return rows;
}
