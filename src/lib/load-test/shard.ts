import type { SloCounts } from '../slo/judge.js';
import type { Slo } from '../slo/types.js';
import type { AnswerCheck } from './answer-check.js';
import type { EncodedLatencies } from './histogram.js';

/** One thread's part of the load. Plain data: it crosses a thread boundary. */
export interface ShardConfig {
  /** Without credentials; only autocannon's own bookkeeping reads it. */
  readonly url: string;
  readonly secure: boolean;
  /** The name the certificate must be for; an IP address has no SNI. */
  readonly hostname: string;
  readonly port: number;
  /** IP addresses of `hostname`, taken in turn. */
  readonly addresses: readonly string[];
  /** True: any certificate will do. */
  readonly insecure: boolean;
  readonly connections: number;
  readonly durationMs: number;
  readonly timeoutMs: number;
  /** Complete requests as they go over the wire, sent in turn. */
  readonly requests: readonly Uint8Array[];
  /** Index of the first one, so that several threads are not in step. */
  readonly firstRequest: number;
  readonly headOnly: boolean;
  readonly check: AnswerCheck;
  /** What the requests are counted for; empty when nobody asked. */
  readonly slos: readonly Slo[];
}

/** Running totals, a few times a second. */
export interface ShardProgress {
  readonly sent: number;
  readonly ok: number;
  /** Requests that ended in any other way, and failed connects. */
  readonly errors: number;
}

/** What one second saw finish. `failed` counts wrong answers, timeouts and lost requests. */
export interface ShardSecond {
  readonly second: number;
  readonly ok: number;
  readonly failed: number;
  readonly latencies: EncodedLatencies;
}

/** How the requests ended that were under way when the window closed. */
export interface AfterEnd {
  readonly ok: number;
  readonly failed: number;
  readonly timeouts: number;
  readonly lost: number;
  /** Still open when the draining was cut short. */
  readonly unanswered: number;
}

export interface ShardFailure {
  readonly reason: string;
  readonly status: number | null;
  /** Printable excerpt of the answer's body. */
  readonly body: string | null;
  /** Milliseconds after the start of the window. */
  readonly atMs: number;
}

/** Every request whose end was seen, inside the window or after it. */
export interface SloTally {
  /** Answers with a 4xx: they count for no SLO. */
  readonly clientErrors: number;
  /** In the order of the SLOs. */
  readonly counts: readonly SloCounts[];
}

export interface ShardReport {
  /** Length of the window that was measured; shorter than asked when the run was stopped. */
  readonly windowMs: number;
  readonly sent: number;
  readonly ok: number;
  readonly failed: number;
  readonly timeouts: number;
  readonly lost: number;
  readonly connectErrors: number;
  /** Connections that were established, reconnects included. */
  readonly connects: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Everything that went wrong, by reason, whenever it did. */
  readonly failures: Readonly<Record<string, number>>;
  readonly firstFailure: ShardFailure | null;
  readonly afterEnd: AfterEnd;
  /** Every request that was sent; one without an answer at the age it had when it was given up. */
  readonly all: EncodedLatencies;
  /** Right answers only. */
  readonly right: EncodedLatencies;
  readonly slo: SloTally;
  /** Mean number of busy connections in the window, counted at regular instants, and by the sum of all latencies. */
  readonly busy: { readonly sampled: number; readonly samples: number; readonly byLatency: number };
  readonly generator: { readonly eventLoopDelayP99Ms: number; readonly utilization: number };
}

export interface ShardEvents {
  onProgress(progress: ShardProgress): void;
  onSecond(second: ShardSecond): void;
}

/** A running part of the load, in this thread or another. */
export interface Shard {
  /** Every connection is established or has failed once. */
  readonly ready: Promise<void>;
  /** Starts sending at this instant of `epochMs()`; call it once, after `ready`. */
  start(atEpochMs: number): void;
  /** No new request from now on; what is under way gets a short moment. */
  stop(): void;
  readonly done: Promise<ShardReport>;
}

export type OpenShard = (config: ShardConfig, events: ShardEvents) => Shard;

/** Milliseconds since 1970 on the monotonic clock of this thread: comparable between threads of one process. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}
