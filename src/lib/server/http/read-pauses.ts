import type { Socket } from 'node:net';

/** What a refused client is told to wait. */
export const retryAfterSeconds = 1;

/** So many looks in a row without a refusal mean that the overload is over: the waves of one come every other turn. */
const calmLooks = 3;

/** The longest that the connection of a refused client is not read. */
const longestPauseMs = 5_000;

/** How often to look whether nobody is refused any more, and those who wait can be read again. */
const sweepMs = 100;

/** Answers without a run of the model in one turn of the event loop, before their connections wait for the next turn. */
const answersPerTurn = 1_000;

/** Of the places that become free under overload, how many go to connections that wait. */
const shareOfWaiting = 0.25;

/** A connection, as far as it is read or not. That of a request injected by a test is never read. */
export type Readable = Pick<Socket, 'destroyed'> & Partial<Pick<Socket, 'pause' | 'resume'>>;

/**
 * Connections that are not read for a while, so that requests which are refused at once do not starve those that the
 * model answers.
 *
 * libuv reads up to 48 times 1,024 sockets in one turn of the event loop, and the model runs between turns. Thousands
 * of clients that come back as soon as they are refused are read again and again in the same turn: measured with 8,000
 * connections, one turn took five seconds and held 49,152 refusals and not one prediction.
 */
export class ReadPauses {
  /** In the order of their refusals, which is the order in which they are read again. */
  readonly #refused = new Map<Readable, number>();
  #places = 0;
  #refusedSinceRun = false;
  #calmLooks = 0;
  #sweep: NodeJS.Timeout | undefined;
  #answers = 0;
  readonly #nextTurn: Readable[] = [];
  readonly #isFull: () => boolean;
  #ended = false;

  /** @param isFull a request would be refused right now */
  constructor(isFull: () => boolean) {
    this.#isFull = isFull;
  }

  /** Connections that wait for room. */
  get waiting(): number {
    return this.#refused.size;
  }

  /** A request was refused for want of room. Its connection is read again when there is some. */
  refused(connection: Readable): void {
    this.#refusedSinceRun = true;
    this.#calmLooks = 0;
    if (this.#ended || connection.destroyed) return;
    connection.pause?.();
    this.#refused.set(connection, performance.now());
    this.#sweep ??= setTimeout(() => this.#look(), sweepMs).unref();
  }

  /**
   * Requests have gone into a run of the model, and left as many places. Those who got an answer come back for them too,
   * so when that was more than there is room for, only some of the places go to those who wait.
   */
  freed(requests: number): void {
    const share = this.#refusedSinceRun ? shareOfWaiting : 1;
    this.#refusedSinceRun = false;
    if (this.#refused.size === 0) return;
    this.#places += requests * share;
    for (const connection of this.#refused.keys()) {
      if (this.#places < 1) return;
      this.#places--;
      this.#readAgain(connection);
    }
    this.#places = 0;
  }

  /** A request got its answer without a run of the model. */
  answeredAtOnce(connection: Readable): void {
    if (this.#answers === 0) setImmediate(() => this.#turnEnds());
    this.#answers++;
    if (this.#answers <= answersPerTurn || connection.destroyed || this.#refused.has(connection)) return;
    connection.pause?.();
    this.#nextTurn.push(connection);
  }

  /** All connections are read again, and none is paused from now on: every answer ends its connection. */
  end(): void {
    this.#ended = true;
    for (const connection of this.#refused.keys()) this.#readAgain(connection);
  }

  #turnEnds(): void {
    this.#answers = 0;
    for (const connection of this.#nextTurn.splice(0)) if (!this.#refused.has(connection)) connection.resume?.();
  }

  #look(): void {
    const due = performance.now() - longestPauseMs;
    this.#calmLooks = this.#isFull() ? 0 : this.#calmLooks + 1;
    const calm = this.#calmLooks > calmLooks;
    for (const [connection, since] of this.#refused) {
      if (!calm && since > due) break;
      this.#readAgain(connection);
    }
    this.#sweep = this.#refused.size === 0 ? undefined : setTimeout(() => this.#look(), sweepMs).unref();
  }

  #readAgain(connection: Readable): void {
    this.#refused.delete(connection);
    connection.resume?.();
  }
}
