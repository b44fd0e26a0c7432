import { failed, notGrafana } from './answer-errors.js';
import { type Answer, ask, type GrafanaConnection, type GrafanaDeps } from './ask.js';

/** A call that Grafana answered, as JSON; undefined when it said 404. */
export interface GrafanaClient {
  get(path: string): Promise<Json | undefined>;
  /** @param permission what the token has to be allowed, for the error of a 403 */
  send(method: 'POST' | 'PUT', path: string, body: object, permission: string): Promise<Json>;
}

type Json = Record<string, unknown>;

/**
 * Grafana's HTTP API with a service account token (https://grafana.com/docs/grafana/latest/developers/http_api/). Throws as
 * `ask` does, and PrerequisiteError `GRAFANA_TOKEN_REFUSED`, OperationError `GRAFANA_FORBIDDEN`, `GRAFANA_CONFLICT`,
 * `GRAFANA_REDIRECTS` or `GRAFANA_FAILED`; none of them holds the token.
 */
export function createGrafanaClient(connection: GrafanaConnection, deps: GrafanaDeps): GrafanaClient {
  return {
    async get(path) {
      const answer = await ask(connection, deps, { method: 'GET', path });
      const json = readJson(answer);
      // Whatever else stands at that address says 404 too, and there nothing of ours would be missing.
      if (answer.status === 404 && json !== undefined) return undefined;
      return checked(answer, json, `GET ${path}`, `reading ${path}`);
    },
    async send(method, path, body, permission) {
      const answer = await ask(connection, deps, { method, path, body });
      return checked(answer, readJson(answer), `${method} ${path}`, permission);
    },
  };
}

function checked(answer: Answer, json: Json | undefined, call: string, permission: string): Json {
  if (answer.ok && json !== undefined) return json;
  const said = typeof json?.message === 'string' ? json.message : undefined;
  const status = typeof json?.status === 'string' ? ` (${json.status})` : '';
  // A 401 or 403 of a proxy in front of Grafana is about the token as well.
  if (json === undefined && (answer.ok || answer.status === 404)) throw notGrafana(call, answer.status);
  throw failed({ call, permission, ...answer, said: `${said ?? `HTTP ${answer.status}`}${status}` });
}

function readJson({ text }: Answer): Json | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Json) : undefined;
  } catch {
    return undefined;
  }
}
