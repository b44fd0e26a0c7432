import type { FastifyInstance } from 'fastify';
import { type BodyLimits, readBody } from './body.js';
import { jsonMediaProblem } from './media-type.js';
import { HttpProblem } from './problem.js';

/** What stands in `request.body`; undefined when the request announced no body. */
export type ReceivedBody = Buffer | HttpProblem | undefined;

/**
 * Bodies arrive as bytes: each route family has its own way to read them. A body that was refused is handed to the
 * route as the reason, because a parser that fails makes Fastify close the connection, and a client that is still
 * sending would see a reset instead of the answer.
 */
export function addBodyParser(app: FastifyInstance, limits: BodyLimits): void {
  app.removeAllContentTypeParsers();
  // Fastify remembers a parser by its content type, but goes through all of them for `*`, each time.
  app.addContentTypeParser(['application/json', '*'], (request, _payload, done) => {
    const problem = request.is404 ? undefined : jsonMediaProblem(request.headers);
    if (request.is404 || problem !== undefined) {
      request.raw.resume();
      done(null, problem);
    } else {
      readBody(request.raw, limits, (body) => done(null, body));
    }
  });
}

/** Throws the HttpProblem for which the body was not read. */
export function bytesOf(body: ReceivedBody): Buffer {
  if (body instanceof HttpProblem) throw body;
  return body ?? Buffer.alloc(0);
}
