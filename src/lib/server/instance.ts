import { Batcher } from '../inference/batcher.js';
import { createPredictor } from '../inference/session.js';
import { buildApp } from './app.js';
import { BodyBudget } from './http/body.js';
import { type HttpInstance, startHttpInstance } from './http-instance.js';
import { Lifecycle } from './lifecycle.js';
import type { ServerLog } from './log.js';
import { createServingMetrics, type ServingMetrics } from './metrics/serving-metrics.js';
import { batchRows, bodyBudgetBytes, httpTimeouts, type ServeOptions } from './options.js';

/** A model that is served by this process. */
export interface ServingInstance extends HttpInstance {
  readonly metrics: ServingMetrics;
  /** The metrics of this process as Prometheus text, until the end of the process. */
  readonly scrape: () => Promise<string>;
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
  const { model, limits, slos } = options;
  const { log, portClosed } = context;
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
  const instance = await startHttpInstance(app, options, {
    log,
    lifecycle,
    ...(portClosed && { portClosed }),
    close: () => predictor.close(),
  });
  return { ...instance, metrics, scrape };
}
