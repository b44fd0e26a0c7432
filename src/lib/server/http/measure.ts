import type { FastifyReply, FastifyRequest, onRequestHookHandler, onSendHookHandler } from 'fastify';
import type { Lifecycle } from '../lifecycle.js';
import type { ServerLog } from '../log.js';
import type { RouteMeter } from '../metrics/request-metrics.js';
import { clientGoneStatus, HttpProblem } from './problem.js';
import type { ReadPauses } from './read-pauses.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** `performance.now()` when the headers were read. */
    startedAt: number;
  }
}

export interface MeasureContext {
  readonly lifecycle: Lifecycle;
  readonly log: ServerLog;
  readonly pauses: ReadPauses;
}

/**
 * The hooks of one route that count and time its requests. They stand on the route itself, so that its counters are at
 * hand without a look-up. `onSend` runs exactly once for every request that `onRequest` saw: handlers always settle,
 * and an answer to a client that went away is sent into the void.
 */
export function measured(
  route: string,
  meter: RouteMeter,
  context: MeasureContext,
): { onRequest: onRequestHookHandler; onSend: onSendHookHandler } {
  return {
    onRequest(request, _reply, done) {
      request.startedAt = performance.now();
      meter.started();
      if (request.raw.headers.host === undefined && request.raw.httpVersionMinor === 1) done(withoutHost());
      else done();
    },
    onSend(request, reply, payload, done) {
      const durationMs = performance.now() - request.startedAt;
      const status = finalStatus(request, reply, context.lifecycle);
      meter.finished(status, durationMs);
      context.log.access?.({ route, method: request.method, status, ms: Math.round(durationMs * 1000) / 1000 });
      if (context.lifecycle.leaving) reply.header('connection', 'close');
      else if (status !== 200 || request.method === 'GET') context.pauses.answeredAtOnce(request.raw.socket);
      done(null, payload);
    },
  };
}

function withoutHost(): HttpProblem {
  return new HttpProblem(400, 'The request has no Host header, and HTTP/1.1 demands one');
}

/** What the client got: nothing, if its connection is gone. Who cut it decides whose fault that is. */
function finalStatus(request: FastifyRequest, reply: FastifyReply, lifecycle: Lifecycle): number {
  if (!request.raw.socket.destroyed) return reply.statusCode;
  return lifecycle.aborting ? 503 : clientGoneStatus;
}
