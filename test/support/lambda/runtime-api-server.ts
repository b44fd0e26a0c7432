import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** What a runtime said about a run, or about its init phase. */
export interface Told {
  readonly kind: 'response' | 'error' | 'init';
  readonly requestId: string | undefined;
  /** As JSON. */
  readonly body: unknown;
  readonly errorType: string | undefined;
}

export interface RuntimeApiServer {
  /** `host:port`, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  readonly told: readonly Told[];
  /** Sockets that were opened so far. */
  readonly connections: () => number;
  /** Hands an event out and resolves to what is said of it. Text goes out as it is, anything else as JSON. */
  run(event: unknown, options?: { readonly timeoutMs?: number; readonly traceId?: string }): Promise<Told>;
  /** Resolves when the runtime has told that it cannot start. */
  readonly initError: Promise<Told>;
  /** Calls that are cut off before they are answered, from now on. */
  cut: number;
  /** Status of the answers to responses. */
  responseStatus: number;
  stop(): Promise<void>;
}

interface Run {
  readonly requestId: string;
  readonly body: string;
  readonly headers: Record<string, string>;
}

/** The Runtime API, one runtime at a time: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export async function startRuntimeApi(host = '127.0.0.1'): Promise<RuntimeApiServer> {
  const told: Told[] = [];
  const waiting: Run[] = [];
  const verdicts = new Map<string, (told: Told) => void>();
  let idle: ServerResponse | undefined;
  let connections = 0;
  let count = 0;
  const init = Promise.withResolvers<Told>();
  const state = { cut: 0, responseStatus: 202 };

  const handOut = () => {
    const run = idle === undefined ? undefined : waiting.shift();
    if (run === undefined) return;
    idle?.writeHead(200, { 'content-type': 'application/json', ...run.headers }).end(run.body);
    idle = undefined;
  };
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').replace('/2018-06-01/runtime/', '');
    const body = await text(request);
    if (state.cut > 0) {
      state.cut -= 1;
      request.socket.destroy();
      return;
    }
    if (path === 'invocation/next') {
      idle = response;
      handOut();
      return;
    }
    const [, requestId, what] = /^invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    const kind = path === 'init/error' ? 'init' : (what as 'response' | 'error');
    const errorType = request.headers['lambda-runtime-function-error-type']?.toString();
    const one: Told = { kind, requestId, body: JSON.parse(body), errorType };
    const status = kind === 'response' ? state.responseStatus : 202;
    if (status === 202) {
      told.push(one);
      if (kind === 'init') init.resolve(one);
      else verdicts.get(requestId ?? '')?.(one);
    }
    response.writeHead(status).end('{"status":"OK"}');
  });
  // A function waits for its next event for as long as it takes.
  server.requestTimeout = 0;
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(stop);
  return Object.assign(state, {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    told,
    connections: () => connections,
    initError: init.promise,
    stop,
    run(event: unknown, { timeoutMs = 60_000, traceId }: { timeoutMs?: number; traceId?: string } = {}) {
      count += 1;
      const requestId = `request-${count}`;
      waiting.push({
        requestId,
        body: typeof event === 'string' ? event : JSON.stringify(event),
        headers: {
          'lambda-runtime-aws-request-id': requestId,
          'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
          'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:123456789012:function:test',
          ...(traceId === undefined ? {} : { 'lambda-runtime-trace-id': traceId }),
        },
      });
      const verdict = new Promise<Told>((resolve) => verdicts.set(requestId, resolve));
      handOut();
      return verdict;
    },
  });
}
