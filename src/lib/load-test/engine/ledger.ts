import type { Slo } from '../../slo/types.js';
import { clear, createRecorder, encode, type LatencyRecorder, record } from '../histogram.js';
import type { ShardFailure, ShardProgress, ShardReport, ShardSecond } from '../shard.js';
import { SloCounter } from './slo-counter.js';

type Outcome = 'ok' | 'failed' | 'timeouts' | 'lost' | 'unanswered';
export type Accounts = Omit<ShardReport, 'busy' | 'generator'> & { readonly busyMs: number };

/**
 * The books of one thread. Every request that was sent is booked exactly once, inside the measuring window or after
 * its end, so that `sent = ok + failed + timeouts + lost + inFlightAtEnd` holds by construction and every one of
 * them is in the latencies. Times are `performance.now()` milliseconds.
 */
export class Ledger {
  sent = 0;
  startAt = Number.POSITIVE_INFINITY;
  endAt = Number.POSITIVE_INFINITY;
  connects = 0;
  connectErrors = 0;
  #booked = 0;
  readonly #inWindow = { ok: 0, failed: 0, timeouts: 0, lost: 0, unanswered: 0 };
  readonly #afterEnd = { ok: 0, failed: 0, timeouts: 0, lost: 0, unanswered: 0 };
  readonly #byStatus = new Map<number, number>();
  readonly #failures = new Map<string, number>();
  #firstFailure: ShardFailure | null = null;
  readonly #all = createRecorder();
  readonly #right = createRecorder();
  #busyMs = 0;
  #second = 0;
  #secondOk = 0;
  #secondFailed = 0;
  readonly #secondLatencies: LatencyRecorder = createRecorder();
  readonly #onSecond: (second: ShardSecond) => void;

  readonly #slo: SloCounter;

  constructor(onSecond: (second: ShardSecond) => void, slos: readonly Slo[]) {
    this.#onSecond = onSecond;
    this.#slo = new SloCounter(slos);
  }

  open(startAt: number, durationMs: number): void {
    this.startAt = startAt;
    this.endAt = startAt + durationMs;
  }

  get inFlight(): number {
    return this.sent - this.#booked;
  }

  answered(status: number, sentAt: number, now: number, reason: string | undefined, body: () => string): void {
    if (now <= this.endAt) this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
    this.#slo.answered(status, now - sentAt, reason === undefined);
    if (reason === undefined) {
      this.#book('ok', sentAt, now);
      record(this.#right, now - sentAt);
    } else {
      this.#book('failed', sentAt, now);
      this.#fail(reason, status, body, now);
    }
  }

  timedOut(sentAt: number, now: number): void {
    this.#slo.unanswered();
    this.#book('timeouts', sentAt, now);
    this.#fail('no complete answer within the timeout', null, noBody, now);
  }

  lost(reason: string, sentAt: number, now: number): void {
    this.#slo.unanswered();
    this.#book('lost', sentAt, now);
    this.#fail(reason, null, noBody, now);
  }

  unanswered(sentAt: number, now: number): void {
    this.#book('unanswered', sentAt, now);
  }

  connectFailed(reason: string, now: number): void {
    if (now > this.endAt) return;
    this.connectErrors++;
    this.#fail(reason, null, noBody, now);
  }

  /** Closes the seconds that are over at `now`. */
  closeSeconds(now: number): void {
    const current = Math.floor((Math.min(now, this.endAt) - this.startAt) / 1000);
    while (this.#second < current) this.#closeSecond();
  }

  progress(): ShardProgress {
    const { ok, failed, timeouts, lost } = this.#inWindow;
    return { sent: this.sent, ok, errors: failed + timeouts + lost + this.connectErrors };
  }

  close(now: number): Accounts {
    const until = Math.min(now, this.endAt);
    const windowMs = Number.isFinite(this.startAt) ? Math.max(0, until - this.startAt) : 0;
    this.closeSeconds(until);
    // What there is of the last second. A window that ends on a full second has nothing left.
    if (this.#second * 1000 < windowMs || this.#secondOk + this.#secondFailed > 0) this.#closeSecond();
    const { ok, failed, timeouts, lost } = this.#inWindow;
    return {
      windowMs,
      sent: this.sent,
      ok,
      failed,
      timeouts,
      lost,
      connectErrors: this.connectErrors,
      connects: this.connects,
      byStatus: Object.fromEntries(this.#byStatus),
      failures: Object.fromEntries(this.#failures),
      firstFailure: this.#firstFailure,
      afterEnd: { ...this.#afterEnd },
      all: encode(this.#all),
      right: encode(this.#right),
      slo: this.#slo.tally(),
      busyMs: this.#busyMs,
    };
  }

  #book(outcome: Outcome, sentAt: number, now: number): void {
    const age = now - sentAt;
    this.#booked++;
    record(this.#all, age);
    if (now > this.endAt) {
      this.#afterEnd[outcome]++;
      this.#busyMs += Math.max(0, this.endAt - sentAt);
      return;
    }
    this.#inWindow[outcome]++;
    this.#busyMs += age;
    // On the edge of two seconds an event belongs to the one that ends, as it does to the window that ends.
    if (now - this.startAt > (this.#second + 1) * 1000) this.closeSeconds(now);
    record(this.#secondLatencies, age);
    if (outcome === 'ok') this.#secondOk++;
    else this.#secondFailed++;
  }

  #fail(reason: string, status: number | null, body: () => string, now: number): void {
    this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1);
    if (this.#firstFailure !== null) return;
    const atMs = Number.isFinite(this.startAt) ? now - this.startAt : 0;
    this.#firstFailure = { reason, status, body: status === null ? null : body(), atMs };
  }

  #closeSecond(): void {
    this.#onSecond({
      second: this.#second,
      ok: this.#secondOk,
      failed: this.#secondFailed,
      latencies: encode(this.#secondLatencies),
    });
    clear(this.#secondLatencies);
    this.#secondOk = 0;
    this.#secondFailed = 0;
    this.#second++;
  }
}

const noBody = () => '';
