import type { FastifyInstance } from 'fastify';
import { type MeasureContext, measured } from '../http/measure.js';
import { errorBody, jsonType } from '../http/problem.js';
import type { RequestMetrics } from '../metrics/request-metrics.js';

export interface HealthContext extends MeasureContext {
  readonly metrics: RequestMetrics;
}

const notReady = {
  starting: 'The model is not loaded yet',
  draining: 'The server is shutting down',
  aborting: 'The server is shutting down',
};

/** `/healthz`: the process answers. `/readyz`: send it traffic; 503 before the model is loaded and from SIGTERM on. */
export function addHealthRoutes(app: FastifyInstance, context: HealthContext): void {
  const { lifecycle, metrics } = context;

  app.get('/healthz', measured('/healthz', metrics.route('/healthz', 'other', [200]), context), (_request, reply) => {
    reply.header('content-type', jsonType).header('cache-control', 'no-store').send('{"status":"ok"}');
  });

  const readyHooks = measured('/readyz', metrics.route('/readyz', 'other', [200, 503]), context);
  app.get('/readyz', readyHooks, (_request, reply) => {
    const { phase } = lifecycle;
    reply.header('content-type', jsonType).header('cache-control', 'no-store');
    if (phase === 'ready') reply.send('{"status":"ready"}');
    else reply.code(503).send(errorBody(notReady[phase]));
  });
}
