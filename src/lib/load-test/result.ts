import type { Judgement } from '../slo/judge.js';
import type { Slo } from '../slo/types.js';
import type { LatencySummary } from './histogram.js';
import type { AfterEnd, ShardFailure } from './shard.js';

export type Verdict = 'pass' | 'fail' | 'invalid' | 'interrupted';

/** The result of `mlops load-test`: its `--json` document, its `--output` file and all that its reports are made of. */
export interface LoadTestResult {
  readonly schemaVersion: 1;
  readonly verdict: Verdict;
  /** Why the verdict is not `pass`; empty when it is. */
  readonly reasons: readonly string[];
  /** What a reader of the figures should know, whatever the verdict. */
  readonly notes: readonly string[];
  /** When the first request was sent, ISO 8601 UTC. */
  readonly startedAt: string;
  readonly target: Target;
  readonly load: Load;
  readonly requests: Requests;
  /** Right answers inside the window, divided by the length of the window: nothing that failed, and no rounding of time. */
  readonly throughput: { readonly meanPerSecond: number };
  /**
   * From the send to the last byte, of every request that was sent: right, wrong, timed out, lost, or under way at the
   * end. One that got no answer counts with the age at which it was given up, so that a target that hangs cannot
   * look fast. Connecting is not in it. Equal to `serviceTimeMs` in a closed test.
   */
  readonly latencyMs: LatencySummary;
  readonly serviceTimeMs: LatencySummary;
  /** The same of right answers only: fast errors flatter `latencyMs`. */
  readonly okLatencyMs: LatencySummary;
  readonly gates: readonly Gate[];
  /** The run held against each SLO; empty unless that was asked for. */
  readonly slos: readonly JudgedSlo[];
  /** Everything that went wrong, most frequent first. */
  readonly failures: readonly { readonly reason: string; readonly count: number }[];
  readonly firstFailure: ShardFailure | null;
  readonly timeline: readonly TimelineRow[];
  readonly generator: Generator;
  readonly environment: Environment;
  /** HdrHistogram V2, compressed, base64, values in microseconds: what percentiles of several runs are merged from. */
  readonly histograms: { readonly all: string; readonly ok: string };
}

export interface Target {
  /** Without user name, password and secrets in the query. */
  readonly url: string;
  readonly method: string;
  /** Whether this test started the server itself. */
  readonly served: boolean;
  readonly model: string | null;
  /** How many different requests were sent in turn. */
  readonly distinctRequests: number;
  /** What made an answer right. */
  readonly check: string;
  /** True when any certificate was accepted. */
  readonly insecure: boolean;
}

export interface Load {
  /** `closed`: each connection waits for its answer before it asks again. */
  readonly model: 'closed' | 'open';
  readonly connections: number;
  readonly threads: number;
  /** As asked for. */
  readonly durationSeconds: number;
  /** What was measured: shorter when the test was stopped. */
  readonly measuredSeconds: number;
  readonly timeoutSeconds: number;
  /** Requests per second that were to arrive; null in a closed test. */
  readonly rate: number | null;
  readonly arrivals: string | null;
}

/** `answered = ok + failed` and `sent = answered + timeouts + lost + inFlightAtEnd`, always. */
export interface Requests {
  /** Null in a closed test, which plans none. */
  readonly planned: number | null;
  readonly sent: number;
  readonly answered: number;
  readonly ok: number;
  readonly failed: number;
  readonly timeouts: number;
  /** The connection ended before the answer did. */
  readonly lost: number;
  /** Connections that could not be established: no request was sent on them. */
  readonly connectErrors: number;
  readonly inFlightAtEnd: number;
  /** Sent after their planned time; null in a closed test. */
  readonly late: number | null;
  readonly byStatus: Readonly<Record<string, number>>;
  /** How those of `inFlightAtEnd` ended. */
  readonly afterEnd: AfterEnd;
  /** Connections established, reconnects included. */
  readonly connects: number;
}

export interface Gate {
  readonly name: string;
  readonly rule: string;
  readonly value: number;
  readonly threshold: number;
  readonly passed: boolean;
}

/** An SLO, what was counted for it, and what that says. */
export type JudgedSlo = Slo & Judgement;

/** What finished within one second of the window. `failed` counts wrong answers, timeouts and lost requests. */
export interface TimelineRow {
  readonly second: number;
  readonly ok: number;
  readonly failed: number;
  readonly p50: number | null;
  readonly p99: number | null;
}

/** Of the threads the worst. */
export interface Generator {
  readonly threads: number;
  readonly eventLoopDelayP99Ms: number;
  readonly utilization: number;
  /** Mean number of busy connections, counted and by Little's law (throughput x mean latency). */
  readonly busyConnections: number;
  readonly busyByLatency: number;
}

export interface Environment {
  readonly mlops: string;
  readonly node: string;
  readonly platform: string;
  readonly cpus: number;
  readonly cpuModel: string;
  readonly memoryBytes: number;
  /** Whether the target ran on the machine that generated the load. */
  readonly sameHost: boolean;
}
