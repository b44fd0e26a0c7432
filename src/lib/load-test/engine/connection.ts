import type { Socket } from 'node:net';
import { judge } from '../answer-check.js';
import { excerpt } from '../excerpt.js';
import { socketErrorReason } from '../socket-error.js';
import { AnswerReader } from './answer-reader.js';
import type { AutocannonClient } from './autocannon-client.js';
import type { Dial } from './dial.js';
import type { Ledger } from './ledger.js';
import type { Workload } from './workload.js';

const firstBackOffMs = 50;
const longestBackOffMs = 1_000;
/** More than this is never written in one go. */
const largeRequestBytes = 16 * 2 ** 10;

export interface ConnectionSettings {
  readonly dial: Dial;
  readonly ledger: Ledger;
  readonly workload: Workload;
  readonly timeoutMs: number;
  /** Called once, when the first attempt to connect has ended. */
  readonly onTried: () => void;
  /** Called when a request has ended and no other follows. */
  readonly onRest: () => void;
}

/**
 * One connection of the closed load: it sends the next request when the last one has ended, and counts every way in
 * which a request can end exactly once. Latency is from the write on an established connection to the last byte of the
 * answer; connecting is not in it. The client of autocannon gives its parser and its place in the run.
 */
export class Connection {
  readonly #settings: ConnectionSettings;
  readonly #reader: AnswerReader;
  readonly #index: number;
  #socket: Socket | undefined;
  #state: 'waiting' | 'connecting' | 'idle' | 'busy' | 'closed' = 'waiting';
  /** When the connection attempt or the request under way began. */
  #since = 0;
  #request = 0;
  /** Attempts in a row that gave no answer: each doubles the wait before the next. */
  #fruitless = 0;
  #retry: NodeJS.Timeout | undefined;
  #tried = false;

  constructor(client: AutocannonClient, index: number, settings: ConnectionSettings) {
    this.#settings = settings;
    this.#index = index;
    const { check } = settings.workload;
    this.#reader = new AnswerReader(client.parser, {
      headOnly: settings.workload.headOnly,
      keepBytes: check.keepBytes,
    });
    client._connect = () => this.connect();
    client._doRequest = () => this.send(performance.now());
    client._destroyConnection = () => this.close();
  }

  get busy(): boolean {
    return this.#state === 'busy';
  }

  /** When what is under way is given up; Infinity when nothing is. `performance.now()` milliseconds. */
  get deadline(): number {
    const waits = this.#state === 'busy' || this.#state === 'connecting';
    return waits ? this.#since + this.#settings.timeoutMs : Number.POSITIVE_INFINITY;
  }

  connect(): void {
    this.#state = 'connecting';
    this.#since = performance.now();
    this.#reader.connected();
    const socket = this.#settings.dial(this.#index + this.#fruitless, {
      onOpen: () => this.#onOpen(socket),
      onBytes: (bytes) => this.#onBytes(socket, bytes),
      onEnd: (error) => this.#onEnd(socket, error),
    });
    this.#socket = socket;
  }

  /** Sends the next request, or rests when the window is over or has not begun. */
  send(now: number): void {
    const { ledger, workload } = this.#settings;
    const socket = this.#socket;
    if (this.#state !== 'idle' || socket === undefined) return;
    if (now < ledger.startAt || now >= ledger.endAt) {
      this.#settings.onRest();
      return;
    }
    this.#request = workload.next();
    this.#state = 'busy';
    this.#since = now;
    this.#reader.next();
    ledger.sent++;
    socket.write(workload.bytes(this.#request));
  }

  /** Gives up what has passed its deadline. */
  expire(now: number): void {
    if (now < this.deadline) return;
    const { ledger } = this.#settings;
    if (this.#state === 'busy') {
      ledger.timedOut(this.#since, now);
      this.#reconnect();
    } else {
      ledger.connectFailed('connecting took longer than the timeout', now);
      this.#retryLater();
    }
  }

  /** Closes for good; a request that is still under way is booked as unanswered. */
  close(): void {
    if (this.#state === 'busy') this.#settings.ledger.unanswered(this.#since, performance.now());
    this.#state = 'closed';
    clearTimeout(this.#retry);
    this.#drop();
  }

  #onOpen(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#settings.ledger.connects++;
    this.#state = 'idle';
    this.#markTried();
    this.send(performance.now());
  }

  #onBytes(socket: Socket, bytes: Buffer): void {
    if (socket !== this.#socket) return;
    if (this.#state !== 'busy') {
      // Nothing was asked: such as a 408 to an idle connection. The next request must not be answered by it.
      this.#retryLater();
      return;
    }
    const problem = this.#reader.read(bytes);
    if (this.#reader.complete) this.#onAnswer(socket);
    else if (problem !== undefined) this.#lose(problem);
  }

  #onAnswer(socket: Socket): void {
    const now = performance.now();
    const { ledger, workload, timeoutMs } = this.#settings;
    const reader = this.#reader;
    this.#state = 'idle';
    this.#fruitless = 0;
    if (now - this.#since > timeoutMs) {
      ledger.timedOut(this.#since, now);
      this.#reconnect();
      return;
    }
    const reason = judge(workload.check, this.#request, reader);
    ledger.answered(reader.status, this.#since, now, reason, () => excerpt(reader.body()));
    // An answer that came before a large request was out leaves the rest of it in the way. TLS tells late that a small
    // one is out.
    const unsent = socket.writableLength > largeRequestBytes;
    if (reader.keepAlive && !reader.surplus && !unsent) this.send(now);
    else this.#reconnect();
  }

  /** The connection ended, with or without an error; called once per socket. */
  #onEnd(socket: Socket, error: Error | undefined): void {
    if (socket !== this.#socket) return;
    if (this.#state === 'connecting') {
      this.#settings.ledger.connectFailed(socketErrorReason('while connecting', error), performance.now());
      this.#retryLater();
    } else if (this.#state !== 'busy') {
      this.#retryLater();
    } else if (error === undefined && this.#reader.end()) {
      this.#reader.keepAlive = false;
      this.#onAnswer(socket);
    } else {
      this.#lose(
        socketErrorReason(this.#reader.status === 0 ? 'before the answer' : 'in the middle of the answer', error),
      );
    }
  }

  #lose(reason: string): void {
    this.#settings.ledger.lost(reason, this.#since, performance.now());
    this.#retryLater();
  }

  #reconnect(): void {
    this.#drop();
    this.#state = 'waiting';
    if (performance.now() < this.#settings.ledger.endAt) this.connect();
    else this.#settings.onRest();
  }

  /** At once the first time, then with a growing wait: a target that only ever fails is not hammered. */
  #retryLater(): void {
    this.#drop();
    this.#state = 'waiting';
    const wait = this.#fruitless === 0 ? 0 : Math.min(longestBackOffMs, firstBackOffMs * 2 ** (this.#fruitless - 1));
    this.#fruitless++;
    this.#retry = setTimeout(() => this.#reconnect(), wait);
    this.#markTried();
    this.#settings.onRest();
  }

  #markTried(): void {
    if (this.#tried) return;
    this.#tried = true;
    this.#settings.onTried();
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }
}
