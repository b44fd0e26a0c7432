import type { RejectionReason } from '../metrics/request-metrics.js';
import { retryAfterSeconds } from './read-pauses.js';

export interface ProblemDetails {
  readonly headers?: Readonly<Record<string, string>>;
  /** Set when the server turned the request away because it could not take it: which limit was reached. */
  readonly rejection?: RejectionReason;
}

/** An answer that is not a prediction: thrown anywhere while a request is handled, sent as `{"error": message}`. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly rejection: RejectionReason | undefined;

  constructor(status: number, message: string, { headers = {}, rejection }: ProblemDetails = {}) {
    super(message);
    this.name = 'HttpProblem';
    this.status = status;
    this.headers = headers;
    this.rejection = rejection;
  }
}

export const jsonType = 'application/json; charset=utf-8';

/** The one shape of every error body. */
export function errorBody(message: string): string {
  return JSON.stringify({ error: message });
}

/** nginx's status for a client that went away before its answer: nobody reads it, it is for metrics and logs. */
export const clientGoneStatus = 499;

export function clientGone(): HttpProblem {
  return new HttpProblem(clientGoneStatus, 'The client went away');
}

/** A 503 that the client may try again after a while. */
export function turnedAway(rejection: RejectionReason, message: string): HttpProblem {
  return new HttpProblem(503, message, { headers: { 'retry-after': `${retryAfterSeconds}` }, rejection });
}
