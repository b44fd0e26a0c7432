import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RouteMeter } from '../metrics/request-metrics.js';
import { errorBody, jsonType } from './problem.js';

interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
}

/** Node's parser errors that have a status of their own; all others are a malformed request. */
const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    reason: 'Request Header Fields Too Large',
    message: 'The headers are larger than 16 KiB, the limit of this server',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    reason: 'Content Too Large',
    message: 'The chunk extensions are larger than 16 KiB, the limit of this server',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    reason: 'Request Timeout',
    message: 'The request did not arrive in time',
  },
};

/**
 * Answers what Node's parser could not read as HTTP, in JSON like everything else, and closes the connection.
 *
 * A pipelining client may have sent good requests before the bad one. Their answers come first, or the client would take
 * this one for the answer to the first of them.
 */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Socket, meter: RouteMeter): void {
  if (!socket.writable || error.code === 'ECONNRESET' || socket.bytesRead === 0) {
    socket.destroy();
    return;
  }
  const refuse = () => {
    const refusal = refusals[error.code ?? ''] ?? {
      status: 400,
      reason: 'Bad Request',
      message: `This is not an HTTP request (${error.code ?? error.message})`,
    };
    meter.finished(refusal.status, 0);
    socket.end(rawAnswer(refusal.status, refusal.reason, refusal.message));
  };
  const current = currentResponse(socket);
  if (current === undefined || (!current.req.complete && !current.headersSent)) refuse();
  else if (current.req.complete) current.once('close', refuse);
  else socket.destroy();
}

/** CONNECT and an unknown expectation reach no route: Node would close the connection without a word. */
export function refuseUnroutable(server: Server, meter: RouteMeter): void {
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    meter.finished(405, 0);
    socket.end(
      rawAnswer(405, 'Method Not Allowed', 'CONNECT is not allowed: this is no proxy', 'Allow: GET, POST\r\n'),
    );
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    meter.finished(417, 0);
    response.writeHead(417, { 'content-type': jsonType, connection: 'close' });
    response.end(errorBody(`Expect '${request.headers.expect}' is not understood: only 100-continue is`));
  });
}

/**
 * `Expect: 100-continue` asks before sending a body. One that is too large is not sent at all: the answer comes instead
 * of the go-ahead, and because the client may send the body regardless, the connection ends there.
 */
export function answerContinue(server: Server, bodyBytes: number): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (Number(request.headers['content-length']) > bodyBytes) response.shouldKeepAlive = false;
    else response.writeContinue();
    server.emit('request', request, response);
  });
}

/** The response that is due on this connection. Node keeps it where its own handler of these errors looks for it. */
function currentResponse(socket: Socket): ServerResponse<IncomingMessage> | undefined {
  return (socket as Socket & { _httpMessage?: ServerResponse<IncomingMessage> })._httpMessage ?? undefined;
}

function rawAnswer(status: number, reason: string, message: string, headers = ''): string {
  const body = errorBody(message);
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 ${status} ${reason}\r\nContent-Type: ${jsonType}\r\nContent-Length: ${length}\r\n${headers}Connection: close\r\n\r\n${body}`;
}
