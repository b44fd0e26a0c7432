import { HttpProblem, type ProblemDetails } from '../http/problem.js';

interface ApiDetails extends ProblemDetails {
  /** The field of the form that is to blame. */
  readonly param?: string;
  /** For programs: what it is, in one word. */
  readonly code?: string;
}

/** A refusal of the transcription API, with what its clients make available of one beside the message. */
export class ApiProblem extends HttpProblem {
  readonly param: string | null;
  readonly code: string | null;

  constructor(status: number, message: string, { param, code, ...details }: ApiDetails = {}) {
    super(status, message, details);
    this.param = param ?? null;
    this.code = code ?? null;
  }
}

/**
 * An error as clients of OpenAI's API read it: their exceptions have message, type, param and code of it. Given a bare
 * text, the npm package would show it as a quoted string and have none of the others.
 */
export function apiErrorBody(problem: HttpProblem): string {
  const { status, message } = problem;
  const param = problem instanceof ApiProblem ? problem.param : null;
  const code = (problem instanceof ApiProblem ? problem.code : null) ?? problem.rejection ?? null;
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  return JSON.stringify({ error: { message, type, param, code } });
}
