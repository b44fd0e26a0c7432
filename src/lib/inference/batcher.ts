import { clientGone, queueFull, timedOut } from './batcher-errors.js';
import type { Predictions, Predictor } from './session.js';
import { joinPredictions, slicePredictions } from './slices.js';
import { type Client, gather, type Slice, type Ticket } from './ticket.js';

export interface BatcherLimits {
  /** Rows of one run of the model. A request with more is spread over several runs. */
  readonly batchRows: number;
  /**
   * While as many rows wait, no request is taken. One that is taken is taken whole, so that the work of reading it is not
   * in vain: the rows of the last one may go beyond.
   */
  readonly queueRows: number;
  /** From submission to answer. */
  readonly timeoutMs: number;
}

/** Is told what happens, once per request and once per run. */
export interface BatchObserver {
  /** The first row of a request has waited this long for the run that it is in. */
  waited(ms: number): void;
  /** A run of the model has ended, well or not. */
  ran(rows: number, ms: number): void;
}

/** What Node's timers can hold; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Puts the rows of concurrent requests into common runs of the model. It never waits for rows: a run takes what is
 * there, and what arrives while it runs is the next one. One run is in flight at a time.
 *
 * The first run starts with `setImmediate`, after Node has read every socket that had something to say in this turn of
 * the event loop: that is what makes a batch out of 400 connections although nobody waits.
 */
export class Batcher {
  readonly #predictor: Predictor;
  readonly #limits: BatcherLimits;
  readonly #observer: BatchObserver;
  /** In order of arrival; a request leaves when its last row has gone into a run. */
  readonly #queue = new Set<Ticket>();
  #running: readonly Slice[] = [];
  #waitingRows = 0;
  #busy = false;
  #swept = false;
  #deadlineTimer: NodeJS.Timeout | undefined;
  #onTaken: (requests: number) => void = () => undefined;
  #gate: () => Promise<void> | undefined = () => undefined;

  constructor(predictor: Predictor, limits: BatcherLimits, observer: BatchObserver) {
    this.#predictor = predictor;
    this.#limits = limits;
    this.#observer = observer;
  }

  /** Rows that wait for a run. */
  get waitingRows(): number {
    return this.#waitingRows;
  }

  /** @param listener is told before each run how many requests have left the queue, and so made room for others */
  onTaken(listener: (requests: number) => void): void {
    this.#onTaken = listener;
  }

  /** @param gate is asked before each run; a promise that it gives is waited for, and must not reject */
  waitsFor(gate: () => Promise<void> | undefined): void {
    this.#gate = gate;
  }

  /**
   * `submit` would refuse. Whoever can should turn requests away unread: under overload, reading what will be refused is
   * most of the work.
   */
  get full(): boolean {
    if (this.#waitingRows < this.#limits.queueRows) return false;
    this.#dropAbandoned();
    return this.#waitingRows >= this.#limits.queueRows;
  }

  /**
   * @param rows row-major, exactly `rowCount` rows; must not change until the promise settles
   * @param client when it is destroyed before its rows are in a run, they are dropped
   * @throws BatcherError `QUEUE_FULL`, `PREDICTION_TIMEOUT` (both name their limit), `CLIENT_GONE`; whatever the
   *   predictor throws, for every request that had rows in the failed run
   */
  submit(rows: Float32Array, rowCount: number, client?: Client): Promise<Predictions> {
    return new Promise((resolve, reject) => {
      if (this.full) {
        reject(queueFull(this.#waitingRows, this.#limits.queueRows));
        return;
      }
      const submittedAt = performance.now();
      this.#queue.add({ rows, rowCount, client, submittedAt, taken: 0, parts: [], answered: false, resolve, reject });
      this.#waitingRows += rowCount;
      this.#deadlineTimer ??= this.#expireIn(this.#limits.timeoutMs);
      if (!this.#busy) {
        this.#busy = true;
        setImmediate(() => this.#work());
      }
    });
  }

  async #work(): Promise<void> {
    while (this.#queue.size > 0) {
      const open = this.#gate();
      if (open !== undefined) await open;
      const slices = this.#takeBatch();
      if (slices.length > 0) await this.#run(slices);
    }
    this.#busy = false;
  }

  #takeBatch(): readonly Slice[] {
    const now = performance.now();
    const slices: Slice[] = [];
    const waiting = this.#queue.size;
    let room = this.#limits.batchRows;
    for (const ticket of this.#queue) {
      if (room === 0) break;
      if (ticket.client?.destroyed) {
        this.#fail(ticket, clientGone());
        continue;
      }
      if (now - ticket.submittedAt > this.#limits.timeoutMs) {
        this.#fail(ticket, timedOut(this.#limits.timeoutMs));
        continue;
      }
      const count = Math.min(ticket.rowCount - ticket.taken, room);
      slices.push({ ticket, from: ticket.taken, count });
      ticket.taken += count;
      room -= count;
      this.#waitingRows -= count;
      if (ticket.taken === ticket.rowCount) this.#queue.delete(ticket);
    }
    this.#onTaken(waiting - this.#queue.size);
    return slices;
  }

  async #run(slices: readonly Slice[]): Promise<void> {
    const rowCount = slices.reduce((sum, slice) => sum + slice.count, 0);
    this.#running = slices;
    let startedAt = performance.now();
    // ONNX Runtime's binding runs the model in a setImmediate of its own. This one is right before it, so that the time
    // until then, in which Node reads sockets, counts as waiting and not as inference.
    const starting = setImmediate(() => {
      startedAt = performance.now();
    });
    try {
      const predictions = await this.#predictor.predict(gather(slices, rowCount, this.#predictor.features), rowCount);
      this.#observe(slices, rowCount, startedAt);
      let row = 0;
      for (const { ticket, count } of slices) {
        this.#deliver(ticket, slicePredictions(predictions, row, count));
        row += count;
      }
    } catch (error) {
      this.#observe(slices, rowCount, startedAt);
      for (const { ticket } of slices) this.#fail(ticket, error);
    } finally {
      clearImmediate(starting);
      this.#running = [];
    }
  }

  #observe(slices: readonly Slice[], rowCount: number, startedAt: number): void {
    this.#observer.ran(rowCount, performance.now() - startedAt);
    for (const { ticket, from } of slices) if (from === 0) this.#observer.waited(startedAt - ticket.submittedAt);
  }

  #deliver(ticket: Ticket, part: Predictions): void {
    if (ticket.answered) return;
    ticket.parts.push(part);
    if (ticket.taken < ticket.rowCount) return;
    ticket.answered = true;
    ticket.resolve(ticket.parts.length === 1 ? part : joinPredictions(ticket.parts));
  }

  #fail(ticket: Ticket, error: unknown): void {
    if (this.#queue.delete(ticket)) this.#waitingRows -= ticket.rowCount - ticket.taken;
    if (ticket.answered) return;
    ticket.answered = true;
    ticket.reject(error);
  }

  /** Once in a turn of the event loop: it looks at the whole queue, and a full one is asked for every request. */
  #dropAbandoned(): void {
    if (this.#swept) return;
    this.#swept = true;
    setImmediate(() => {
      this.#swept = false;
    });
    for (const ticket of this.#queue) {
      if (ticket.client?.destroyed) this.#fail(ticket, clientGone());
    }
  }

  /**
   * One timer for all requests, because every request has the same time and so the oldest is due first. It is not
   * touched when a request is answered, and must not keep an otherwise finished process alive.
   */
  #expireIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#expire(), Math.min(Math.ceil(ms), longestTimerMs)).unref();
  }

  #expire(): void {
    const due = performance.now() - this.#limits.timeoutMs;
    const outstanding = new Set([...this.#running.map((slice) => slice.ticket), ...this.#queue]);
    let next: Ticket | undefined;
    for (const ticket of outstanding) {
      if (ticket.answered) continue;
      if (ticket.submittedAt <= due) this.#fail(ticket, timedOut(this.#limits.timeoutMs));
      else next ??= ticket;
    }
    this.#deadlineTimer = next === undefined ? undefined : this.#expireIn(next.submittedAt - due);
  }
}
