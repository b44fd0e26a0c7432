import type { FastifyInstance } from 'fastify';
import { createHttpApp, type HttpAppContext } from './http/http-app.js';
import { ReadPauses } from './http/read-pauses.js';
import { admitInTurns } from './http-instance.js';
import type { ServingMetrics } from './metrics/serving-metrics.js';
import { addHealthRoutes } from './routes/health.js';
import { addMetricsRoute, type MetricsContext } from './routes/metrics.js';
import { addPredictionRoutes, type PredictionContext } from './routes/predict.js';

export interface AppContext extends Omit<PredictionContext, 'pauses'> {
  readonly metrics: ServingMetrics;
  readonly limits: PredictionContext['limits'] & HttpAppContext['limits'];
  readonly timeouts: HttpAppContext['timeouts'];
  /** What `/metrics` answers; undefined when the metrics have a port of their own. */
  readonly scrape: MetricsContext['scrape'] | undefined;
}

/**
 * The HTTP application over a model, without listening: a test talks to it with `inject`, `listen` puts it on a port.
 * One call per route family; each stands in a file of its own under `routes/`.
 */
export async function buildApp(context: AppContext): Promise<FastifyInstance> {
  const pauses = new ReadPauses(() => context.batcher.full);
  const routes = { ...context, pauses };
  const app = await createHttpApp(routes);
  admitInTurns(app);
  context.batcher.waitsFor(() => app.admission.settled());
  context.lifecycle.whenLeaving(() => pauses.end());
  addPredictionRoutes(app, routes);
  addHealthRoutes(app, routes);
  const { scrape } = context;
  if (scrape !== undefined) addMetricsRoute(app, { ...routes, scrape });
  await app.ready();
  return app;
}
