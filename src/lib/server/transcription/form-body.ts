import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { HttpProblem } from '../http/problem.js';
import { ApiProblem } from './api-problem.js';

/** Forms are left unread for the route, which streams them; whatever else comes is thrown away and refused there. */
export async function acceptForms(scope: FastifyInstance): Promise<void> {
  const { default: multipart } = await import('@fastify/multipart');
  scope.removeAllContentTypeParsers();
  await scope.register(multipart, { throwFileSizeLimit: false });
  scope.addContentTypeParser('*', (request, _payload, done) => {
    request.raw.resume();
    done(null, undefined);
  });
}

/** Throws ApiProblem 415 unless the body is a form as it is, and 400 for one without the line that parts it. */
export function refuseNoForm(request: FastifyRequest): void {
  const problem = formProblem(request.headers);
  if (problem !== undefined) throw problem;
}

function formProblem(headers: IncomingHttpHeaders): HttpProblem | undefined {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    const message = `Content-Encoding '${encoding}' is not accepted: send the form uncompressed`;
    return new ApiProblem(415, message, { headers: { 'accept-encoding': 'identity' } });
  }
  const type = headers['content-type'] ?? '';
  if (/^multipart\/form-data\s*;.*\bboundary=/i.test(type)) return undefined;
  const found = type === '' ? 'There is no Content-Type' : `Content-Type '${type.slice(0, 100)}' is not accepted`;
  return new ApiProblem(415, `${found}: send a form (multipart/form-data) with the recording in the field 'file'`);
}
