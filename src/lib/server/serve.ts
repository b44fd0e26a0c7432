import type { Model } from '../model/types.js';
import { refuseEqualPorts } from '../project/ports.js';
import { startInstance } from './instance.js';
import { urlOf } from './listen.js';
import { createServerLog, type LogTarget, type ServerLog } from './log.js';
import { type MetricsPort, openMetricsPort } from './metrics-port.js';
import type { ServeOptions } from './options.js';

/** A server that answers. */
export interface ServingAddress {
  readonly url: string;
  readonly port: number;
  /** Of `/metrics`, when it has a port of its own. */
  readonly metricsUrl: string | undefined;
  readonly model: Model;
}

export interface ServeContext {
  /** Stops the server when it aborts. The reason is the signal's name: SIGINT skips the drain delay. */
  readonly stop: AbortSignal;
  /** Called once, when requests are answered. */
  readonly onReady: (server: ServingAddress) => Promise<void> | void;
  /** For log lines: a file descriptor or a stream. */
  readonly logTarget: LogTarget;
  /** File that worker processes start from; this package's own unless the server is bundled. */
  readonly workerEntry?: string;
}

interface Running {
  readonly port: number;
  /** Rejects when the server cannot go on. */
  readonly broken: Promise<never>;
  /** The metrics of all processes, until the end and after it. */
  readonly scrape: () => Promise<string>;
  stop(delayMs: number): Promise<void>;
}

/**
 * Serves a model until `stop` aborts, and resolves when every request that was accepted is answered.
 * Throws what `listen` and `createPredictor` throw, UsageError `PORTS_EQUAL` and OperationError `WORKERS_KEEP_FAILING`.
 */
export async function serve(options: ServeOptions, context: ServeContext): Promise<void> {
  const { model, workers, logLevel, host, metricsPort } = options;
  refuseEqualPorts(options.port, metricsPort);
  const log = await createServerLog({ level: logLevel, access: options.accessLog, target: context.logTarget });
  let metrics: MetricsPort | undefined;
  try {
    log.info({ model: model.name, version: model.version, digest: model.digest, workers }, 'starting');
    if (metricsPort !== undefined) metrics = await openMetricsPort({ host, port: metricsPort }, log);
    const running = await (workers > 1 ? startPool(options, log, context.workerEntry) : startHere(options, log));
    metrics?.scrapeFrom(running.scrape);
    const url = urlOf({ host, port: running.port });
    const metricsUrl = metrics?.url;
    log.info({ url, metricsUrl }, 'ready');
    if (!context.stop.aborted) await context.onReady({ url, port: running.port, metricsUrl, model });
    await untilStopped(running, context.stop, options);
    log.info({}, 'stopped');
  } finally {
    await metrics?.close();
    log.flush();
  }
}

async function untilStopped(running: Running, stop: AbortSignal, { drain }: ServeOptions): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    await Promise.race([stopped, running.broken]);
  } catch (error) {
    await running.stop(0);
    throw error;
  }
  // A person at a terminal waits; nobody routes traffic to a server that was started by hand.
  await running.stop(stop.reason === 'SIGINT' ? 0 : drain.delayMs);
}

async function startHere(options: ServeOptions, log: ServerLog): Promise<Running> {
  const instance = await startInstance(options, { log });
  return { ...instance, broken: new Promise<never>(() => undefined) };
}

async function startPool(options: ServeOptions, log: ServerLog, workerEntry: string | undefined): Promise<Running> {
  const { WorkerPool } = await import('./workers/pool.js');
  const { clusterWorkers } = await import('./workers/cluster.js');
  const pool = new WorkerPool(options, { fork: clusterWorkers(workerEntry), log });
  try {
    const port = await pool.start();
    return { port, broken: pool.broken, scrape: () => pool.scrape(), stop: (delayMs) => pool.stop(delayMs) };
  } catch (error) {
    await pool.stop(0);
    throw error;
  }
}
