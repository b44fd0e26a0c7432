import type { Secret } from '../../secrets/secret.js';
import { interrupted, unanswered, unreachable } from './answer-errors.js';

export interface GrafanaDeps {
  readonly fetch: typeof fetch;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** How long one attempt may take, its body included; 30 seconds unless given. */
  readonly timeoutMs?: number;
}

export interface GrafanaConnection {
  /** Without a slash at its end. A path in it stays: Grafana may be served below one. */
  readonly url: string;
  readonly token: Secret;
  readonly signal?: AbortSignal;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: object;
}

/** An answer that arrived whole. */
export interface Answer {
  readonly status: number;
  readonly ok: boolean;
  readonly text: string;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
}

const attempts = 4;
const firstWaitMs = 500;
const longestWaitMs = 30_000;
const defaultTimeoutMs = 30_000;
/** A Grafana that starts, whose SQLite is locked, or that a proxy does not reach. */
const passing = new Set([429, 500, 502, 503, 504]);
/** Grafana refused before it did anything. */
const tooMany = 429;

/**
 * One call to an answer. What fails in passing is asked again if it reads. What writes is sent again only after a 429: it may
 * have been done although the answer got lost, and the next run of the command sees that.
 * Throws PrerequisiteError `GRAFANA_UNREACHABLE`, OperationError `GRAFANA_NO_ANSWER`, InterruptedError.
 */
export async function ask(connection: GrafanaConnection, deps: GrafanaDeps, call: Call): Promise<Answer> {
  const { signal, url } = connection;
  const reads = call.method === 'GET';
  for (let attempt = 1; ; attempt++) {
    let wait = firstWaitMs * 2 ** (attempt - 1);
    try {
      const answer = await once(connection, deps, call);
      const again = answer.status === tooMany || (reads && passing.has(answer.status));
      if (!again || attempt === attempts) return answer;
      wait = askedWaitMs(answer.retryAfter) ?? wait;
    } catch (error) {
      if (signal?.aborted === true) throw interrupted();
      if (!reads) throw unanswered(`${call.method} ${call.path}`, error, timeoutOf(deps));
      if (attempt === attempts) throw unreachable(url, error, timeoutOf(deps), attempts);
    }
    // An interrupted wait rejects in its own way: there is one error for it.
    await deps.sleep(wait, signal).catch(() => undefined);
    if (signal?.aborted === true) throw interrupted();
  }
}

async function once(
  { url, token, signal }: GrafanaConnection,
  deps: GrafanaDeps,
  { method, path, body }: Call,
): Promise<Answer> {
  const limit = AbortSignal.timeout(timeoutOf(deps));
  const answer = await deps.fetch(`${url}${path}`, {
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
  // Here and not later: a body that breaks off is an attempt that failed.
  const text = await answer.text();
  const header = (name: string) => answer.headers.get(name) ?? undefined;
  const { status, ok } = answer;
  return { status, ok, text, location: header('location'), retryAfter: header('retry-after') };
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function askedWaitMs(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  const wait = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return wait > 0 ? Math.min(wait, longestWaitMs) : undefined;
}

function timeoutOf({ timeoutMs = defaultTimeoutMs }: GrafanaDeps): number {
  return timeoutMs;
}
