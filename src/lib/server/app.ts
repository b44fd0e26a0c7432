import type { FastifyInstance } from 'fastify';
import { Admission } from './http/admission.js';
import type { BodyLimits } from './http/body.js';
import { addBodyParser } from './http/body-parser.js';
import { answerContinue, answerMalformed, refuseUnroutable } from './http/connection-errors.js';
import { addFallbacks, toProblem } from './http/fallbacks.js';
import { errorBody, jsonType } from './http/problem.js';
import { ReadPauses } from './http/read-pauses.js';
import { malformedRoute } from './metrics/serving-metrics.js';
import type { HttpTimeouts } from './options.js';
import { addHealthRoutes } from './routes/health.js';
import { addMetricsRoute, type MetricsContext } from './routes/metrics.js';
import { addPredictionRoutes, type PredictionContext } from './routes/predict.js';

export interface AppContext extends Omit<PredictionContext & MetricsContext, 'pauses'> {
  readonly limits: PredictionContext['limits'] & BodyLimits;
  readonly timeouts: HttpTimeouts;
}

declare module 'fastify' {
  interface FastifyInstance {
    admission: Admission;
  }
}

const headerBytes = 16 * 2 ** 10;

/**
 * The HTTP application over a model, without listening: a test talks to it with `inject`, `listen` puts it on a port.
 * One call per route family; each stands in a file of its own under `routes/`.
 */
export async function buildApp(context: AppContext): Promise<FastifyInstance> {
  const { fastify } = await import('fastify');
  const { limits, timeouts, metrics } = context;
  const malformed = metrics.route(malformedRoute, 'other', [400, 408, 413, 431]);
  const app = fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    // Requests on open connections are still answered while the server drains.
    return503OnClosing: false,
    keepAliveTimeout: timeouts.keepAliveMs,
    requestTimeout: timeouts.requestMs,
    http: {
      headersTimeout: Math.min(timeouts.headersMs, timeouts.requestMs),
      connectionsCheckingInterval: timeouts.checkMs,
      maxHeaderSize: headerBytes,
      // Node would answer without a word; `measured` refuses in JSON.
      requireHostHeader: false,
    },
    routerOptions: { ignoreTrailingSlash: true },
    rewriteUrl: originForm,
    clientErrorHandler: (error, socket) => answerMalformed(error, socket, malformed),
    // A path that is no valid URL reaches neither a route nor the handlers below.
    frameworkErrors: (error, _request, reply) => {
      const problem = toProblem(error);
      malformed.finished(problem.status, 0);
      reply.raw.writeHead(problem.status, { 'content-type': jsonType }).end(errorBody(problem.message));
    },
  });
  app.decorateRequest('startedAt', 0);
  app.decorate('admission', new Admission(app.server));
  answerContinue(app.server, limits.bodyBytes);
  refuseUnroutable(app.server, malformed);
  addBodyParser(app, limits);
  context.batcher.waitsFor(() => app.admission.settled());
  const pauses = new ReadPauses(() => context.batcher.full);
  context.lifecycle.whenLeaving(() => pauses.end());
  const routes = { ...context, pauses };
  addFallbacks(app, routes);
  addPredictionRoutes(app, routes);
  addHealthRoutes(app, routes);
  addMetricsRoute(app, routes);
  await app.ready();
  return app;
}

/** Clients that take the server for a proxy send whole URLs, and have to be understood (RFC 9112 section 3.2.2). */
function originForm({ url = '/' }: { url?: string | undefined }): string {
  if (!url.startsWith('http://') && !url.startsWith('https://')) return url;
  return /^https?:\/\/[^/?]*(\/.*)?$/i.exec(url)?.[1] ?? '/';
}
