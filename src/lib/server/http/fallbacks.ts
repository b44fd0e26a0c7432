import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError } from '../../base/errors/describe.js';
import { MlopsError } from '../../base/errors/mlops-error.js';
import { type RequestMetrics, unmatchedRoute } from '../metrics/request-metrics.js';
import type { MeasureContext } from './measure.js';
import { RouteMethods } from './methods.js';
import { errorBody, HttpProblem, jsonType } from './problem.js';

export interface FallbackContext extends MeasureContext {
  readonly metrics: RequestMetrics;
  /** The body of an error, where a path is part of a protocol that has another shape for them. */
  readonly errorBodyOf?: (problem: HttpProblem, path: string) => string;
}

/** Answers for everything that no route answers: unknown paths, wrong methods, OPTIONS, and whatever is thrown. */
export function addFallbacks(app: FastifyInstance, context: FallbackContext): void {
  const methods = new RouteMethods();
  app.addHook('onRoute', ({ url, method }) => methods.add(url, method));
  const countUnmatched = unmatchedCounter(context);
  const bodyOf = context.errorBodyOf ?? (({ message }: HttpProblem) => errorBody(message));

  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request);
    const route = methods.find(path);
    if (request.method === 'OPTIONS' && (route !== undefined || path === '*')) {
      reply.code(204).header('allow', route?.allow ?? methods.all());
      countUnmatched(request, reply);
      reply.send();
      return;
    }
    if (route === undefined) throw new HttpProblem(404, `There is nothing at ${shortened(path)}`);
    const message = `${request.method} is not allowed on ${route.url}: use ${route.allow}`;
    throw new HttpProblem(405, message, { headers: { allow: route.allow } });
  });

  app.setErrorHandler((error: FastifyError | MlopsError | HttpProblem, request, reply) => {
    const problem = toProblem(error);
    if (problem.rejection !== undefined) {
      context.metrics.rejected(problem.rejection);
      context.log.fault(problem.rejection, { route: request.routeOptions.url }, problem.message);
    } else if (problem.status >= 500) {
      logFault(error, request, context);
    }
    reply.code(problem.status).headers(problem.headers).header('content-type', jsonType);
    if (request.is404) countUnmatched(request, reply);
    reply.send(bodyOf(problem, pathOf(request)));
  });
}

/**
 * Routes count their requests in hooks. What no route answers is counted where it is answered, because a hook for it
 * would be one of the whole instance, and run for every prediction as well.
 */
function unmatchedCounter({ metrics, log, lifecycle, pauses }: FallbackContext) {
  const meter = metrics.route(unmatchedRoute, 'other', [404, 405]);
  return (request: FastifyRequest, reply: FastifyReply): void => {
    meter.finished(reply.statusCode, 0);
    const { method } = request;
    log.access?.({ route: unmatchedRoute, path: shortened(pathOf(request)), method, status: reply.statusCode });
    if (lifecycle.leaving) reply.header('connection', 'close');
    else pauses.answeredAtOnce(request.raw.socket);
  };
}

/** Fastify's own refusals keep their status (they are 4xx); what nobody foresaw is a 500 that tells the client nothing. */
export function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const status = (error as Partial<FastifyError>).statusCode;
  if (status === 415)
    return new HttpProblem(415, `The Content-Type is malformed: send 'content-type: application/json'`);
  if (status !== undefined && status >= 400 && status < 500) return new HttpProblem(status, describeError(error));
  return new HttpProblem(500, 'The server failed on this request; its log says why');
}

function logFault(error: unknown, request: FastifyRequest, { log }: MeasureContext): void {
  const { code, why } = error instanceof MlopsError ? error : {};
  log.fault(code ?? 'failed', { route: request.routeOptions.url, why, err: error }, 'request failed');
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

function shortened(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path;
}
