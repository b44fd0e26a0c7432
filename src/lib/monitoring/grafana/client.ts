import { describeError } from '../../base/errors/describe.js';
import { InterruptedError, OperationError, PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { Secret } from '../../secrets/secret.js';

export interface GrafanaDeps {
  readonly fetch: typeof fetch;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface GrafanaConnection {
  /** Without a slash at its end. A path in it stays: Grafana may be served below one. */
  readonly url: string;
  readonly token: Secret;
  readonly signal?: AbortSignal;
}

/** A call that Grafana answered, as JSON; undefined when it said 404. */
export interface GrafanaClient {
  get(path: string): Promise<Record<string, unknown> | undefined>;
  /** @param permission what the token has to be allowed, for the error of a 403 */
  send(method: 'POST' | 'PUT', path: string, body: object, permission: string): Promise<Record<string, unknown>>;
}

const attempts = 4;
const firstWaitMs = 500;
const longestWaitMs = 30_000;
const timeoutMs = 30_000;
/** The answer of a proxy, or of a Grafana that is starting: asking again is right, also after a POST by uid. */
const transient = new Set([429, 502, 503, 504]);

/**
 * Grafana's HTTP API with a service account token (https://grafana.com/docs/grafana/latest/developers/http_api/). What fails
 * in passing is tried again. Throws PrerequisiteError `GRAFANA_UNREACHABLE` or `GRAFANA_TOKEN_REFUSED`, OperationError
 * `GRAFANA_FORBIDDEN`, `GRAFANA_CONFLICT` or `GRAFANA_FAILED`; none of them holds the token.
 */
export function createGrafanaClient(connection: GrafanaConnection, deps: GrafanaDeps): GrafanaClient {
  return {
    async get(path) {
      const answer = await call(connection, deps, { method: 'GET', path });
      if (answer.status === 404) return undefined;
      return await readJson(answer, `GET ${path}`, `reading ${path}`);
    },
    async send(method, path, body, permission) {
      const answer = await call(connection, deps, { method, path, body });
      return await readJson(answer, `${method} ${path}`, permission);
    },
  };
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

async function call(connection: GrafanaConnection, deps: GrafanaDeps, request: Request): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const last = attempt === attempts;
    let wait = firstWaitMs * 2 ** (attempt - 1);
    try {
      const answer = await once(connection, deps, request);
      if (!transient.has(answer.status) || last) return answer;
      const asked = Number(answer.headers.get('retry-after')) * 1000;
      if (asked > 0) wait = Math.min(asked, longestWaitMs);
      await answer.body?.cancel();
    } catch (error) {
      if (connection.signal?.aborted !== true && last) throw unreachable(connection.url, error);
    }
    // An interrupted wait rejects in its own way: there is one error for it.
    await deps.sleep(wait, connection.signal).catch(() => undefined);
    if (connection.signal?.aborted === true) throw interrupted();
  }
}

async function once({ url, token, signal }: GrafanaConnection, deps: GrafanaDeps, { method, path, body }: Request) {
  const limit = AbortSignal.timeout(timeoutMs);
  return await deps.fetch(`${url}${path}`, {
    method,
    // A redirect leads to a login page, and must not take the token along.
    redirect: 'manual',
    signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token.reveal()}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function readJson(answer: Response, what: string, permission: string): Promise<Record<string, unknown>> {
  const text = await answer.text();
  const json = parsed(text);
  const said = typeof json?.message === 'string' ? json.message : `HTTP ${answer.status}`;
  if (answer.ok && json !== undefined) return json;
  if (answer.status === 401) {
    throw new PrerequisiteError('Grafana refuses the token', {
      code: 'GRAFANA_TOKEN_REFUSED',
      why: `${what}: ${said}`,
      actions: ['Make a token for a service account (Administration > Users and access > Service accounts)'],
    });
  }
  if (answer.status === 403) {
    throw new OperationError('The token may not do that in Grafana', {
      code: 'GRAFANA_FORBIDDEN',
      why: `${what}: ${said}`,
      actions: [`Give its service account the role Editor (data sources: Admin), or allow ${permission}`],
    });
  }
  if (answer.status === 409 || answer.status === 412) {
    throw new OperationError('Grafana has something else in that place', {
      code: 'GRAFANA_CONFLICT',
      why: `${what}: ${said}${typeof json?.status === 'string' ? ` (${json.status})` : ''}`,
      actions: ['Somebody saved at the same time: run the command again to see the difference, then decide'],
    });
  }
  throw new OperationError('Grafana did not do what it was asked', {
    code: 'GRAFANA_FAILED',
    why: `${what}: ${answer.ok ? 'the answer is not JSON, so this may be no Grafana' : `HTTP ${answer.status}: ${said}`}`,
    actions: ['Check grafana.url in mlops.yaml: it is the address that a browser has, without /api'],
  });
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function interrupted(): InterruptedError {
  return new InterruptedError('Interrupted', {
    why: 'What was done so far is in Grafana; the next run does the rest.',
    actions: ['mlops dashboard apply'],
  });
}

function unreachable(url: string, error: unknown): PrerequisiteError {
  const reason = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return new PrerequisiteError(`Grafana cannot be reached at ${url}`, {
    code: 'GRAFANA_UNREACHABLE',
    why: `${describeError(reason)}, ${attempts} times`,
    actions: ['Check grafana.url in mlops.yaml, and whether this machine can reach it'],
    cause: error,
  });
}
