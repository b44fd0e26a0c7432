import type { FastifyInstance } from 'fastify';
import { malformedRoute } from '../metrics/request-metrics.js';
import type { HttpTimeouts } from '../options.js';
import type { BodyLimits } from './body.js';
import { addBodyParser } from './body-parser.js';
import { answerContinue, answerMalformed, refuseUnroutable } from './connection-errors.js';
import { addFallbacks, type FallbackContext, toProblem } from './fallbacks.js';
import { errorBody, jsonType } from './problem.js';

export interface HttpAppContext extends FallbackContext {
  readonly limits: BodyLimits;
  readonly timeouts: HttpTimeouts;
}

const headerBytes = 16 * 2 ** 10;

/**
 * An HTTP application that answers everything in JSON and has no routes yet: what every port of the server has in
 * common. Routes are added before `ready()`.
 */
export async function createHttpApp(context: HttpAppContext): Promise<FastifyInstance> {
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
    // A path that is no valid URL reaches neither a route nor the fallbacks.
    frameworkErrors: (error, _request, reply) => {
      const problem = toProblem(error);
      malformed.finished(problem.status, 0);
      reply.raw.writeHead(problem.status, { 'content-type': jsonType }).end(errorBody(problem.message));
    },
  });
  app.decorateRequest('startedAt', 0);
  answerContinue(app.server, limits.bodyBytes);
  refuseUnroutable(app.server, malformed);
  addBodyParser(app, limits);
  addFallbacks(app, context);
  return app;
}

/** Clients that take the server for a proxy send whole URLs, and have to be understood (RFC 9112 section 3.2.2). */
function originForm({ url = '/' }: { url?: string | undefined }): string {
  if (!url.startsWith('http://') && !url.startsWith('https://')) return url;
  return /^https?:\/\/[^/?]*(\/.*)?$/i.exec(url)?.[1] ?? '/';
}
