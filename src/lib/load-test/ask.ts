import type { Agent } from 'node:http';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { RequestSpec } from './request.js';
import type { TargetAddress } from './target.js';

export interface AskOptions {
  readonly insecure: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Keeps the connection for the next question; without one each has its own. */
  readonly agent?: Agent;
  /** Instead of looking the name up. */
  readonly address?: string;
}

export interface Asked {
  readonly status: number;
  readonly body: Buffer;
}

/** A question without an answer; `address` tells that there was a connection. */
export class NoAnswer extends Error {
  readonly address: string | undefined;

  constructor(cause: unknown, address: string | undefined) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.address = address;
  }
}

/**
 * One request outside the load, over Node's own HTTP client. Resolves with the complete answer, whatever its status.
 * @throws NoAnswer
 */
export async function ask(
  target: TargetAddress,
  request: RequestSpec,
  options: AskOptions,
): Promise<Asked & { address: string }> {
  let address: string | undefined;
  const open = target.secure ? requestHttps : requestHttp;
  const names = isIP(target.hostname) === 0 ? { servername: target.hostname } : {};
  const settings: RequestOptions & { rejectUnauthorized: boolean } = {
    host: options.address ?? target.hostname,
    port: target.port,
    method: request.method,
    path: target.path,
    headers: withHost(target, headersOf(request)),
    rejectUnauthorized: !options.insecure,
    agent: options.agent ?? false,
    signal: AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]),
    ...names,
  };
  try {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const asking = open(settings, resolve).on('error', reject);
    asking.on('socket', (socket) => {
      const connected = () => {
        address = socket.remoteAddress;
      };
      if (socket.connecting) socket.once(target.secure ? 'secureConnect' : 'connect', connected);
      else connected();
    });
    asking.end(request.body);
    const answer = await promise;
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(part as Buffer);
    return { status: answer.statusCode ?? 0, body: Buffer.concat(parts), address: address ?? '' };
  } catch (error) {
    throw new NoAnswer(error, address);
  }
}

/** The target's own name, unless the user gave one under whatever spelling. */
function withHost(target: TargetAddress, headers: Record<string, string | string[]>): typeof headers {
  return Object.keys(headers).some((name) => name.toLowerCase() === 'host')
    ? headers
    : { Host: target.host, ...headers };
}

function headersOf(request: RequestSpec): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of request.headers) {
    const before = headers[name];
    // Node takes a list for no header that may stand only once, such as Host.
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  if (request.body !== undefined) headers['Content-Length'] = String(request.body.length);
  return headers;
}
