import type { FastifyInstance } from 'fastify';
import { type MeasureContext, measured } from '../http/measure.js';
import { jsonType } from '../http/problem.js';
import type { RequestMetrics } from '../metrics/request-metrics.js';

export interface OpenApiContext extends MeasureContext {
  readonly metrics: RequestMetrics;
}

/** `GET /openapi.json`: what this very server answers. */
export function addOpenApiRoute(app: FastifyInstance, context: OpenApiContext, document: object): void {
  const path = '/openapi.json';
  const body = JSON.stringify(document);
  app.get(path, measured(path, context.metrics.route(path, 'other', [200]), context), (_request, reply) =>
    reply.header('content-type', jsonType).send(body),
  );
}
