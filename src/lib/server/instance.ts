import { setTimeout } from 'node:timers/promises';
import { Batcher } from '../inference/batcher.js';
import { createPredictor } from '../inference/session.js';
import { buildApp } from './app.js';
import { Connections, closeServer } from './drain.js';
import { BodyBudget } from './http/body.js';
import { Lifecycle } from './lifecycle.js';
import { listen } from './listen.js';
import type { ServerLog } from './log.js';
import { createServingMetrics, type ServingMetrics } from './metrics/serving-metrics.js';
import { batchRows, bodyBudgetBytes, httpTimeouts, longestTimerMs, type ServeOptions } from './options.js';

/** A model that is served by this process. */
export interface ServingInstance {
  readonly port: number;
  readonly metrics: ServingMetrics;
  /** The metrics of this process as Prometheus text, until the end of the process. */
  readonly scrape: () => Promise<string>;
  /**
   * `/readyz` says 503 from now on, requests are served for `delayMs` more, then the port is closed and what is in
   * flight finishes.
   */
  stop(delayMs: number): Promise<void>;
}

export interface InstanceContext {
  readonly log: ServerLog;
  /** The metrics of all processes; by default this one is all there is. */
  readonly scrape?: () => Promise<string>;
  /** This process has closed the port; resolves when all have. By default this one is all there is. */
  readonly portClosed?: () => Promise<void>;
}

/** Loads the model, then listens: a port that is open has a model behind it. Throws what those two throw. */
export async function startInstance(options: ServeOptions, context: InstanceContext): Promise<ServingInstance> {
  const { model, limits, drain, slos } = options;
  const { log } = context;
  const predictor = await createPredictor(model);
  const metrics = await createServingMetrics({ model, slos, process: true });
  const scrape = () => metrics.registry.metrics();
  const lifecycle = new Lifecycle();
  const app = await buildApp({
    predictor,
    batcher: new Batcher(predictor, { ...limits, batchRows }, metrics.batches),
    metrics,
    lifecycle,
    log,
    limits: { ...limits, budget: new BodyBudget(Math.max(bodyBudgetBytes, limits.bodyBytes)) },
    timeouts: httpTimeouts,
    scrape: options.metricsPort === undefined ? (context.scrape ?? scrape) : undefined,
  });
  const connections = new Connections(app.server);
  let port: number;
  try {
    port = await listen(app.server, options);
  } catch (error) {
    await app.close();
    await predictor.close();
    throw error;
  }
  app.server.on('error', (err) => log.fault('accept', { err }, 'connection not accepted'));
  lifecycle.enter('ready');

  return {
    port,
    metrics,
    scrape,
    async stop(delayMs) {
      lifecycle.enter('draining');
      log.info({ delayMs, connections: connections.count }, 'draining');
      await setTimeout(Math.min(delayMs, longestTimerMs));
      const cut = await closeServer(app.server, connections, {
        timeoutMs: drain.timeoutMs,
        admission: app.admission,
        ...(context.portClosed && { portClosed: context.portClosed }),
        onAbort: () => lifecycle.enter('aborting'),
      });
      if (cut > 0)
        log.warn({ connections: cut, timeoutMs: drain.timeoutMs }, 'connections cut: the drain timeout is over');
      await app.close();
      await predictor.close();
    },
  };
}
