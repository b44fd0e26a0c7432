import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../base/errors/describe.js';
import { type MlopsError, OperationError, PrerequisiteError } from '../../base/errors/mlops-error.js';
import type { Reachable } from '../target.js';

const timeoutMs = 10_000;
/** A machine may be busy with the recordings of others. */
const transcribingMs = 20_000;
const defaultRetryMs = 500;
/** A container that has just started may close a connection without an answer; a cold instance takes seconds. */
const firstTries = 20;
const laterTries = 3;
/** What says "not now": the server when it is full, a balancer whose backend is not there yet. */
const passing = new Set([429, 502, 503, 504]);
const excerptChars = 200;

export interface AskOptions {
  readonly stop: AbortSignal;
  /** The first question after a start is asked more patiently. */
  readonly isFirst: boolean;
  readonly retryMs?: number;
}

/**
 * `POST /api` with rows -> one prediction each, tried again a bounded number of times while there is no answer.
 * Throws OperationError `GOLDEN_UNANSWERED`, PrerequisiteError `NOT_REACHABLE_FROM_HERE` for an address that lets only its
 * own network in.
 */
export async function askPredictions(
  reachable: Reachable,
  rows: readonly (readonly number[])[],
  options: AskOptions,
): Promise<readonly unknown[]> {
  const body = JSON.stringify({ array: rows });
  const text = await answerOf(reachable, '/api', { method: 'POST', body, headers: json }, options);
  const predictions = predictionsIn(text);
  if (predictions?.length === rows.length) return predictions;
  throw rowsUnanswered(
    predictions === undefined
      ? `The answer has no predicciones: ${excerpt(text)}`
      : `${rows.length} rows were sent, ${predictions.length} predictions came back.`,
  );
}

/**
 * `POST /v1/audio/transcriptions` with a form -> what was heard, and how long the answer took, with the same patience.
 * Throws OperationError `CLIP_NOT_TRANSCRIBED`, and PrerequisiteError `NOT_REACHABLE_FROM_HERE`.
 */
export async function askTranscription(
  reachable: Reachable,
  form: FormData,
  options: AskOptions,
): Promise<{ readonly text: string; readonly answeredMs: number }> {
  const question: Question = { method: 'POST', body: form, timeoutMs: transcribingMs, unanswered: clipUnanswered };
  let askedAt = 0;
  const onAsk = () => {
    askedAt = performance.now();
  };
  const answer = await answerOf(reachable, '/v1/audio/transcriptions', { ...question, onAsk }, options);
  const text = transcriptIn(answer);
  if (text === undefined) throw clipUnanswered(`The answer has no text: ${excerpt(answer)}`);
  return { text, answeredMs: performance.now() - askedAt };
}

/** `GET /readyz` with the same patience, for a model that there are no rows for. */
export async function askReady(reachable: Reachable, options: AskOptions): Promise<void> {
  await answerOf(reachable, '/readyz', { method: 'GET', headers: json }, options);
}

interface Question {
  readonly method: string;
  readonly body?: string | FormData;
  /** A form says itself what it is. */
  readonly headers?: Reachable['headers'];
  readonly timeoutMs?: number;
  /** Before every try. */
  readonly onAsk?: () => void;
  readonly unanswered?: (why: string) => OperationError;
}

const json: Reachable['headers'] = [['content-type', 'application/json']];

async function answerOf(
  { url, headers }: Reachable,
  path: string,
  { headers: own = [], timeoutMs: patienceMs = timeoutMs, unanswered = rowsUnanswered, onAsk, ...init }: Question,
  { stop, isFirst, retryMs = defaultRetryMs }: AskOptions,
): Promise<string> {
  const tries = isFirst ? firstTries : laterTries;
  for (let attempt = 1; ; attempt += 1) {
    stop.throwIfAborted();
    let problem: string;
    onAsk?.();
    try {
      const answer = await fetch(url + path, {
        ...init,
        headers: [...headers, ...own].map(([name, value]) => [name, value] as [string, string]),
        redirect: 'manual',
        signal: AbortSignal.any([stop, AbortSignal.timeout(patienceMs)]),
      });
      const text = await answer.text();
      if (answer.status === 200) return text;
      if (!passing.has(answer.status)) throw refused(answer.status, text, path, unanswered);
      problem = `status ${answer.status}: ${excerpt(text)}`;
    } catch (error) {
      if (error instanceof OperationError || error instanceof PrerequisiteError) throw error;
      stop.throwIfAborted();
      problem = describeError(error instanceof TypeError && error.cause !== undefined ? error.cause : error);
    }
    if (attempt >= tries) throw unanswered(`${path}, asked ${attempt} times: ${problem}`);
    await sleep(retryMs, undefined, { signal: stop });
  }
}

function refused(status: number, text: string, path: string, unanswered: (why: string) => OperationError): MlopsError {
  // Our server says what is wrong as JSON; a page in HTML comes from what stands before it.
  const isOurs = text.trimStart().startsWith('{');
  if (status === 401 || status === 403) {
    return new OperationError('The deployed service did not let us in', {
      code: unanswered('').code,
      why: `${path} answered ${status}: ${excerpt(text)}`,
      actions: isOurs
        ? ["Hand over a key: --header 'Authorization: Bearer env://NAME'"]
        : ['The caller needs roles/run.invoker on the service', 'gcloud auth login'],
    });
  }
  if (status === 404 && !isOurs) {
    return new PrerequisiteError('The deployed service cannot be reached from here', {
      code: 'NOT_REACHABLE_FROM_HERE',
      why: `${path} answered 404 with a page that is not the model server's: the service takes calls from inside its network only.`,
      actions: [
        'Run the same command on a machine in that network',
        'Or let callers in from everywhere, by their identity: deploy.cloudRun.ingress: all in mlops.yaml',
      ],
    });
  }
  return unanswered(`${path} answered ${status}: ${excerpt(text)}`);
}

function rowsUnanswered(why: string): OperationError {
  return new OperationError('The deployed model did not answer the golden rows', { code: 'GOLDEN_UNANSWERED', why });
}

function clipUnanswered(why: string): OperationError {
  return new OperationError('The deployed model did not transcribe a clip', {
    code: 'CLIP_NOT_TRANSCRIBED',
    why,
    actions: ['mlops logs', 'mlops serve: the same model on this machine'],
  });
}

function transcriptIn(answer: string): string | undefined {
  try {
    const { text } = JSON.parse(answer) as { text?: unknown };
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

function predictionsIn(text: string): readonly unknown[] | undefined {
  try {
    const { predicciones } = JSON.parse(text) as { predicciones?: unknown };
    return Array.isArray(predicciones) ? predicciones : undefined;
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, excerptChars) || 'nothing';
}
