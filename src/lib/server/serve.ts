import { startInstance } from './instance.js';
import type { ServerLog } from './log.js';
import type { ServeOptions } from './options.js';
import { type RunningServer, type RunServerContext, runServer } from './run-server.js';

export interface ServeContext extends RunServerContext {
  /** File that worker processes start from; this package's own unless the server is bundled. */
  readonly workerEntry?: string;
}

/**
 * Serves predictions of a model until `stop` aborts, and resolves when every request that was accepted is answered.
 * Throws what `listen` and `createPredictor` throw, UsageError `PORTS_EQUAL` and OperationError `WORKERS_KEEP_FAILING`.
 */
export async function serve(options: ServeOptions, context: ServeContext): Promise<void> {
  const { model, workers } = options;
  const starting = { model: model.name, version: model.version, digest: model.digest, workers };
  const start = (log: ServerLog): Promise<RunningServer> =>
    workers > 1 ? startPool(options, log, context.workerEntry) : startInstance(options, { log });
  await runServer({ options, starting, start }, context);
}

async function startPool(
  options: ServeOptions,
  log: ServerLog,
  workerEntry: string | undefined,
): Promise<RunningServer> {
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
