import { refuseEqualPorts } from '../project/ports.js';
import { urlOf } from './listen.js';
import { createServerLog, type LogTarget, type ServerLog } from './log.js';
import { type MetricsPort, openMetricsPort } from './metrics-port.js';
import type { HttpServeOptions } from './options.js';

/** A server that answers. */
export interface ServingAddress {
  readonly url: string;
  readonly port: number;
  /** Of `/metrics`, when it has a port of its own. */
  readonly metricsUrl: string | undefined;
}

export interface RunServerContext {
  /** Stops the server when it aborts. The reason is the signal's name: SIGINT skips the drain delay. */
  readonly stop: AbortSignal;
  /** Called once, when requests are answered. */
  readonly onReady: (server: ServingAddress) => Promise<void> | void;
  /** Logged at the start, for whoever sees nothing but the log. */
  readonly warnings?: readonly string[];
  /** For log lines: a file descriptor or a stream. */
  readonly logTarget: LogTarget;
}

/** The processes or the process behind a port. */
export interface RunningServer {
  readonly port: number;
  /** Rejects when the server cannot go on. */
  readonly broken?: Promise<never>;
  /** The metrics of all processes, until the end and after it. */
  readonly scrape: () => Promise<string>;
  stop(delayMs: number): Promise<void>;
}

export interface ServerPlan {
  readonly options: HttpServeOptions;
  /** Of the log line `starting`. */
  readonly starting: object;
  /** Resolves when requests are answered. */
  readonly start: (log: ServerLog) => Promise<RunningServer>;
}

/**
 * Runs a server until `stop` aborts, and resolves when every request that was accepted is answered.
 * Throws what `start` and `openMetricsPort` throw, UsageError `PORTS_EQUAL` and what `broken` rejects with.
 */
export async function runServer({ options, starting, start }: ServerPlan, context: RunServerContext): Promise<void> {
  const { logLevel, host, metricsPort } = options;
  refuseEqualPorts(options.port, metricsPort);
  const log = await createServerLog({ level: logLevel, access: options.accessLog, target: context.logTarget });
  let metrics: MetricsPort | undefined;
  try {
    log.info(starting, 'starting');
    for (const warning of context.warnings ?? []) log.warn({}, warning);
    if (metricsPort !== undefined) metrics = await openMetricsPort({ host, port: metricsPort }, log);
    const running = await start(log);
    metrics?.scrapeFrom(running.scrape);
    const url = urlOf({ host, port: running.port });
    const metricsUrl = metrics?.url;
    log.info({ url, metricsUrl }, 'ready');
    if (!context.stop.aborted) await context.onReady({ url, port: running.port, metricsUrl });
    await untilStopped(running, context.stop, options);
    log.info({}, 'stopped');
  } finally {
    await metrics?.close();
    log.flush();
  }
}

async function untilStopped(running: RunningServer, stop: AbortSignal, { drain }: HttpServeOptions): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    await Promise.race([stopped, ...(running.broken === undefined ? [] : [running.broken])]);
  } catch (error) {
    await running.stop(0);
    throw error;
  }
  // A person at a terminal waits; nobody routes traffic to a server that was started by hand.
  await running.stop(stop.reason === 'SIGINT' ? 0 : drain.delayMs);
}
