import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { OperationError } from '../../base/errors/mlops-error.js';
import type { ErrorDocument } from './error-document.js';

/** An event and what Lambda says of it. */
export interface Invocation {
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly deadlineMs: number;
  /** For X-Ray; undefined when it is off. */
  readonly traceId: string | undefined;
  /** JSON, as it came. */
  readonly body: string;
}

/** The Runtime API of Lambda: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export interface RuntimeApi {
  /** Waits for as long as it takes. */
  next(signal: AbortSignal): Promise<Invocation>;
  respond(requestId: string, body: string): Promise<void>;
  fail(requestId: string, error: ErrorDocument): Promise<void>;
  initError(error: ErrorDocument): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const root = '/2018-06-01/runtime';
const mostAttempts = 3;
const pauseMs = 50;

/**
 * @param address `host:port` of AWS_LAMBDA_RUNTIME_API
 * Every call throws OperationError `RUNTIME_API_FAILED` when the API is gone or gives up: there is nothing left to run for.
 */
export function createRuntimeApi(address: string): RuntimeApi {
  // One connection: Lambda freezes the process between runs, and a new one for every call would cost each of them.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  const once = (method: string, path: string, signal?: AbortSignal, body?: string, headers = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const options = { method, agent, timeout: 0, headers, ...(signal === undefined ? {} : { signal }) };
      const sent = request(`http://${address}${root}${path}`, options, (response) => {
        text(response).then(
          (content) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content }),
          reject,
        );
      });
      sent.once('error', reject);
      sent.end(body);
    });

  /** A connection that broke while idle is noticed by the next call only: that one is made again. */
  const call: typeof once = async (method, path, signal, body, headers) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await once(method, path, signal, body, headers);
      } catch (error) {
        signal?.throwIfAborted();
        if (attempt === mostAttempts) throw gone(`${method} ${path}`, String(error), error);
        await sleep(pauseMs * attempt);
      }
    }
  };

  const post = async (path: string, body: string, errorType?: string): Promise<number> => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const type = errorType === undefined ? {} : { 'lambda-runtime-function-error-type': errorType };
    const { status, body: why } = await call('POST', path, undefined, body, { ...headers, ...type });
    if (status >= 500) throw gone(`POST ${path}`, `It answers ${status}: ${why}`);
    return status;
  };

  const fail: RuntimeApi['fail'] = async (requestId, error) =>
    void (await post(`/invocation/${requestId}/error`, JSON.stringify(error), error.errorType));

  return {
    async next(signal) {
      const { status, headers, body } = await call('GET', '/invocation/next', signal);
      const { 'lambda-runtime-aws-request-id': requestId, 'lambda-runtime-deadline-ms': deadline } = headers;
      const traceId = headers['lambda-runtime-trace-id'];
      if (status !== 200 || typeof requestId !== 'string') throw gone('GET next', `It answers ${status}: ${body}`);
      return { requestId, deadlineMs: Number(deadline), traceId: traceId?.toString(), body };
    },
    async respond(requestId, body) {
      // Any other refusal is of a run that Lambda has ended itself: nobody waits for it.
      if ((await post(`/invocation/${requestId}/response`, body)) !== 413) return;
      const errorMessage = `The response has ${Buffer.byteLength(body)} bytes, Lambda takes 6291556`;
      await fail(requestId, { errorMessage, errorType: 'Function.ResponseSizeTooLarge', stackTrace: [] });
    },
    fail,
    initError: async (error) => void (await post('/init/error', JSON.stringify(error), error.errorType)),
  };
}

function gone(call: string, why: string, cause?: unknown): OperationError {
  return new OperationError('The Runtime API of Lambda failed', {
    code: 'RUNTIME_API_FAILED',
    why: `${call}: ${why}`,
    cause,
  });
}
