import { describeError } from '../../base/errors/describe.js';
import { InterruptedError, type MlopsError, OperationError, PrerequisiteError } from '../../base/errors/mlops-error.js';

const again = 'mlops dashboard apply: it compares first, and does only what is missing';
const checkUrl = 'Check grafana.url in mlops.yaml: it is the address that a browser has, without /api';

export interface Refusal {
  /** Such as `POST /api/folders`. */
  readonly call: string;
  readonly status: number;
  /** Of a redirect. */
  readonly location: string | undefined;
  /** What the token has to be allowed. */
  readonly permission: string;
  /** By Grafana itself, or the status if it said nothing. */
  readonly said: string;
}

/** The error for an answer that is none of what was asked for. */
export function failed({ call, status, location, permission, said }: Refusal): MlopsError {
  if (status === 401) {
    return new PrerequisiteError('Grafana refuses the token', {
      code: 'GRAFANA_TOKEN_REFUSED',
      why: `${call}: ${said}`,
      actions: ['Make a token for a service account (Administration > Users and access > Service accounts)'],
    });
  }
  if (status === 403) {
    return new OperationError('The token may not do that in Grafana', {
      code: 'GRAFANA_FORBIDDEN',
      why: `${call}: ${said}`,
      actions: [`Give its service account the role Editor (data sources: Admin), or allow ${permission}`],
    });
  }
  if (status === 409 || status === 412) {
    return new OperationError('Grafana has something else in that place', {
      code: 'GRAFANA_CONFLICT',
      why: `${call}: ${said}`,
      actions: ['Somebody saved at the same time: run the command again to see the difference, then decide'],
    });
  }
  if (status >= 300 && status < 400) {
    return new OperationError('The address of Grafana leads somewhere else', {
      code: 'GRAFANA_REDIRECTS',
      why: `${call} was answered with ${status}${placeOf(location)}; the token is not sent along.`,
      actions: [checkUrl, 'With a login in front of Grafana, use an address that leads past it'],
    });
  }
  return new OperationError('Grafana did not do what it was asked', {
    code: 'GRAFANA_FAILED',
    why: `${call}: HTTP ${status}: ${said}`,
    actions: status === 429 || status >= 500 ? [`Wait, then ${again}`, "Look into Grafana's log"] : [checkUrl],
  });
}

export function notGrafana(call: string, status: number): OperationError {
  return new OperationError('What answers there may be no Grafana', {
    code: 'GRAFANA_FAILED',
    why: `${call}: HTTP ${status}: the answer is not JSON`,
    actions: [checkUrl],
  });
}

/** A write whose answer did not come. */
export function unanswered(call: string, error: unknown, timeoutMs: number): OperationError {
  return new OperationError('Grafana did not answer, and may have done what it was asked', {
    code: 'GRAFANA_NO_ANSWER',
    why: `${call}: ${reasonOf(error, timeoutMs)}`,
    actions: [again],
    cause: error,
  });
}

export function unreachable(url: string, error: unknown, timeoutMs: number, attempts: number): PrerequisiteError {
  return new PrerequisiteError(`Grafana cannot be reached at ${url}`, {
    code: 'GRAFANA_UNREACHABLE',
    why: `${reasonOf(error, timeoutMs)}, ${attempts} times`,
    actions: ['Check grafana.url in mlops.yaml, and whether this machine can reach it'],
    cause: error,
  });
}

export function interrupted(): InterruptedError {
  return new InterruptedError('Interrupted', {
    why: 'What was done so far is in Grafana; the next run does the rest.',
    actions: ['mlops dashboard apply'],
  });
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  return describeError(error instanceof Error && error.cause !== undefined ? error.cause : error);
}

/** Without its query, which may hold a ticket of a login. */
function placeOf(location: string | undefined): string {
  if (location === undefined) return '';
  const place = URL.canParse(location) ? new URL(location) : undefined;
  return place === undefined ? ` to ${location.replace(/[?#].*$/s, '')}` : ` to ${place.origin}${place.pathname}`;
}
