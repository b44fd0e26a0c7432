import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** The most that a burst of new connections can delay its first ones. */
const longestHoldMs = 50;

/**
 * Decides from when on new connections are read.
 *
 * libuv accepts one connection in each turn of the event loop. When hundreds of clients connect at once and those that
 * are in already get their requests served, every turn is longer than the one before, and the last ones wait for a
 * second or more. So new connections are not read until a turn has brought no further one: nothing but accepting
 * happens in these turns, and hundreds are in within milliseconds. A connection that comes alone waits for two turns.
 * The model waits as well: answers bring their clients back, and a busy server would never get to accept the others.
 */
export class Admission {
  #held: Socket[] = [];
  #heldSince = 0;
  #more = false;
  #shut = false;
  #settled: PromiseWithResolvers<void> | undefined;

  constructor(server: Server) {
    // An option of net.Server that http.createServer does not pass on. Without effect, all this does is resume what runs.
    (server as Server & { pauseOnConnect: boolean }).pauseOnConnect = true;
    server.on('connection', (socket: Socket) => this.#connected(socket));
  }

  /** Resolves when the burst of connections that is coming in has been admitted; undefined when there is none. */
  settled(): Promise<void> | undefined {
    if (this.#held.length === 0 || this.#shut) return undefined;
    this.#settled ??= Promise.withResolvers();
    return this.#settled.promise;
  }

  /** New connections are accepted, but not read before `admit`. */
  hold(): void {
    this.#shut = true;
    this.#settle();
  }

  /** All that were held are read, and new ones again as they come. */
  admit(): void {
    this.#shut = false;
    const admitted = this.#held;
    this.#held = [];
    for (const socket of admitted) socket.resume();
    this.#settle();
  }

  #settle(): void {
    this.#settled?.resolve();
    this.#settled = undefined;
  }

  #connected(socket: Socket): void {
    if (this.#held.length === 0 && !this.#shut) {
      this.#heldSince = performance.now();
      setImmediate(() => this.#nextTurn());
    }
    this.#held.push(socket);
    this.#more = true;
  }

  #nextTurn(): void {
    if (this.#shut) return;
    if (this.#more && performance.now() - this.#heldSince < longestHoldMs) {
      this.#more = false;
      setImmediate(() => this.#nextTurn());
    } else {
      this.admit();
    }
  }
}
