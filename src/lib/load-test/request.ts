import { UsageError } from '../base/errors/mlops-error.js';
import type { TargetAddress } from './target.js';

export const httpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;
export type HttpMethod = (typeof httpMethods)[number];

/** One HTTP/1.1 request. */
export interface RequestSpec {
  readonly method: HttpMethod;
  /** Names as written; without `Host` and `Content-Length`, which are added. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | undefined;
}

/** RFC 9110, section 5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110, section 5.5: visible characters, spaces and tabs. Above all no CR and LF, which would end the header. */
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
/** The engine writes complete requests over connections that it keeps: these three are its business. */
const managed = new Set(['content-length', 'transfer-encoding', 'connection', 'expect', 'upgrade']);

/** `Name: value` as curl takes it. Throws UsageError `INVALID_HEADER`. */
export function parseHeader(text: string): readonly [string, string] {
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(0, colon));
  const value = text.slice(colon + 1).trim();
  if (colon < 0 || !token.test(name)) invalid(name || 'header', "Expected 'Name: value'.");
  if (!fieldValue.test(value))
    invalid(name, 'The value has a line break or another character that a header cannot carry.');
  if (managed.has(name.toLowerCase())) invalid(name, `${name} is set by the load test itself.`);
  return [name, value];
}

/** The bytes of a request as they go over the wire. */
export function serialise(target: TargetAddress, request: RequestSpec): Buffer {
  const own = new Set(request.headers.map(([name]) => name.toLowerCase()));
  const lines = [`${request.method} ${target.path} HTTP/1.1`];
  if (!own.has('host')) lines.push(`Host: ${target.host}`);
  for (const [name, value] of request.headers) lines.push(`${name}: ${value}`);
  const body = request.body ?? Buffer.alloc(0);
  if (request.body !== undefined) lines.push(`Content-Length: ${body.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

/** The value is not repeated: it may be a secret. */
function invalid(name: string, why: string): never {
  throw new UsageError(`--header ${name} is not a header that can be sent`, {
    code: 'INVALID_HEADER',
    why,
    actions: ["mlops load-test URL --header 'X-Request-Source: load-test'"],
  });
}
