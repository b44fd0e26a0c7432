import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeError } from '../base/errors/describe.js';
import { UsageError } from '../base/errors/mlops-error.js';
import { formatSize } from '../base/units.js';
import { type AnswerCheck, predictionsCheck, statusCheck } from './answer-check.js';
import { type LoadTestOptions, parseMethod } from './options.js';
import { type HttpMethod, parseHeader, type RequestSpec } from './request.js';
import { type TargetAddress, withPath } from './target.js';

const largestBodyBytes = 16 * 2 ** 20;

/** What is sent where, and what makes an answer right. */
export interface RequestPlan {
  readonly target: TargetAddress;
  readonly method: HttpMethod;
  /** Sent in turn. */
  readonly requests: readonly RequestSpec[];
  readonly check: AnswerCheck;
  /** What was decided on the user's behalf. */
  readonly notes: readonly string[];
}

export interface PlanInput {
  readonly target: TargetAddress;
  readonly options: Pick<LoadTestOptions, 'method' | 'headers' | 'body'>;
  /** Relative `@FILE` bodies start here. */
  readonly baseDir: string;
  /** What `/api` is asked when no body is given, one row per request. */
  readonly rows: () => readonly (readonly number[])[];
}

/**
 * Decides the method (POST with a body, else GET), the body (for `/api` the model's rows, one per request) and the
 * check (for `/api` a prediction per row, else the status). A URL without a path and without a body means `/api`.
 * Throws UsageError: `INVALID_METHOD`, `INVALID_HEADER`, `INVALID_BODY`.
 */
export async function planRequests({ target: given, options, baseDir, rows }: PlanInput): Promise<RequestPlan> {
  const bare = given.pathname === '/' && options.method === undefined && options.body === undefined;
  const target = bare ? withPath(given, '/api') : given;
  const notes = bare ? [`The URL has no path: testing ${target.shown}.`] : [];
  const predicts = target.pathname.endsWith('/api');
  const chosen = options.method === undefined ? undefined : parseMethod(options.method);
  const invents = predicts && options.body === undefined && (chosen === undefined || chosen === 'POST');
  const headers = options.headers.map(parseHeader);
  const isJson = !headers.some(([name]) => name.toLowerCase() === 'content-type');
  const bodies = invents
    ? rows().map((row) => Buffer.from(JSON.stringify({ array: row })))
    : [options.body === undefined ? undefined : await readBody(options.body, baseDir, isJson)];
  const method = chosen ?? (bodies[0] === undefined ? 'GET' : 'POST');
  const all = [...fixedHeaders(target, headers, bodies[0] !== undefined), ...headers];
  return {
    target,
    method,
    requests: bodies.map((body) => ({ method, headers: all, body })),
    check: predicts && method === 'POST' ? predictionsCheck(bodies.map(rowsIn)) : statusCheck,
    notes,
  };
}

function fixedHeaders(target: TargetAddress, own: RequestSpec['headers'], hasBody: boolean): [string, string][] {
  const given = new Set(own.map(([name]) => name.toLowerCase()));
  const headers: [string, string][] = [['User-Agent', 'mlops load-test']];
  if (hasBody) headers.push(['Content-Type', 'application/json']);
  if (target.authorization !== undefined) headers.push(['Authorization', target.authorization]);
  return headers.filter(([name]) => !given.has(name.toLowerCase()));
}

/** How many rows a body of ours or of the user's asks about; null when it does not say. */
function rowsIn(body: Buffer | undefined): number | null {
  try {
    const { array } = JSON.parse(String(body)) as { array?: unknown };
    if (!Array.isArray(array)) return null;
    return array.every((row) => Array.isArray(row)) ? array.length : 1;
  } catch {
    return null;
  }
}

async function readBody(text: string, baseDir: string, isJson: boolean): Promise<Buffer> {
  const body = text.startsWith('@') ? await readBodyFile(text.slice(1), baseDir) : Buffer.from(text);
  if (!isJson) return body;
  try {
    JSON.parse(body.toString());
  } catch (error) {
    invalidBody(`The body is not JSON: ${describeError(error)}`, [
      "Say what it is: --header 'Content-Type: text/plain'",
      'Read it from a file: --body @request.json',
    ]);
  }
  return body;
}

async function readBodyFile(name: string, baseDir: string): Promise<Buffer> {
  const path = resolve(baseDir, name);
  try {
    const { size } = await stat(path);
    if (size <= largestBodyBytes) return await readFile(path);
    invalidBody(`${name} has ${formatSize(size)}, a body may have ${formatSize(largestBodyBytes)}.`, []);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return invalidBody(`${name} could not be read: ${describeError(error)}`, []);
  }
}

function invalidBody(why: string, actions: readonly string[]): never {
  throw new UsageError('--body cannot be sent', { code: 'INVALID_BODY', why, actions });
}
