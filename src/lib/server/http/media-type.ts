import type { IncomingHttpHeaders } from 'node:http';
import { HttpProblem } from './problem.js';

/**
 * Refuses what a JSON route cannot read. No content type at all counts as JSON, because simple clients send none; so
 * does any `+json` type. The charset is not looked at: JSON is UTF-8 (RFC 8259 section 8.1), and that is checked.
 */
export function jsonMediaProblem(headers: IncomingHttpHeaders): HttpProblem | undefined {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    const message = `Content-Encoding '${encoding}' is not accepted: send the body uncompressed`;
    return new HttpProblem(415, message, { headers: { 'accept-encoding': 'identity' } });
  }
  const type = headers['content-type'];
  if (type === undefined || type === 'application/json' || isJson(type)) return undefined;
  return new HttpProblem(415, `Content-Type '${type}' is not accepted: send 'content-type: application/json'`);
}

function isJson(type: string): boolean {
  const [mediaType = ''] = type.split(';', 1);
  return /^application\/(?:[\w.!#$&^-]+\+)?json$/i.test(mediaType.trim());
}
