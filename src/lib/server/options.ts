import type { Model } from '../model/types.js';
import type { Slo } from '../slo/types.js';
import type { LogLevel } from './log.js';

export interface ServeLimits {
  /** Bytes of one request body. */
  readonly bodyBytes: number;
  /** Rows that may wait for a run of the model, and the most that one request may have. */
  readonly queueRows: number;
  /** From a complete request to its answer. */
  readonly timeoutMs: number;
}

/** Limits of a server of recordings. */
export interface AudioLimits {
  /** Bytes of one recording. */
  readonly sizeBytes: number;
  /** Of one recording, when it is played. */
  readonly durationMs: number;
  /** Recordings that may wait for a thread. */
  readonly queue: number;
  /** Bytes of all recordings that are on disk at a time. */
  readonly storageBytes: number;
  /** From a complete request to its answer. */
  readonly timeoutMs: number;
}

export interface DrainTimes {
  /** How long to go on serving after SIGTERM, while load balancers learn that this server is leaving. */
  readonly delayMs: number;
  /** How long requests in flight may take after that. */
  readonly timeoutMs: number;
}

/** Timeouts of the connections themselves. */
export interface HttpTimeouts {
  /** Idle connections stay open this long. Longer than the 60 s of common load balancers, so that they close first. */
  readonly keepAliveMs: number;
  /** Until all headers are there. */
  readonly headersMs: number;
  /** Until the whole request is there. */
  readonly requestMs: number;
  /** How often the two above are looked at. */
  readonly checkMs: number;
}

export const httpTimeouts: HttpTimeouts = { keepAliveMs: 72_000, headersMs: 20_000, requestMs: 30_000, checkMs: 1_000 };

/** Recordings are megabytes and come from telephones too: 25 MiB in this time are 1.7 Mbit/s. */
export const uploadTimeouts: HttpTimeouts = { ...httpTimeouts, requestMs: 120_000 };

/** What Node's timers can hold, 24 days; a longer one would fire at once. */
export const longestTimerMs = 2 ** 31 - 1;

/** Rows of one run of the model: all that may wait by default. The bundled model takes 0.3 ms for as many. */
export const batchRows = 4_096;

/** Bytes of request bodies in memory, per process: 64 uploads of the default body limit at the same time. */
export const bodyBudgetBytes = 64 * 2 ** 20;

/** What it takes to put a model on a port, whatever the model is. */
export interface HttpServeOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Where `/metrics` is answered, and nowhere else; 0 picks a free port. Without it, on the port of the service. */
  readonly metricsPort: number | undefined;
  readonly drain: DrainTimes;
  readonly slos: readonly Slo[];
  readonly logLevel: LogLevel;
  /** One line per request. */
  readonly accessLog: boolean;
}

/** What it takes to serve predictions. Plain data: worker processes get it as JSON. */
export interface ServeOptions extends HttpServeOptions {
  readonly model: Model;
  /** 1 serves in this very process. */
  readonly workers: number;
  readonly limits: ServeLimits;
}
