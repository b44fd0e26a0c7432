import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeError } from '../base/errors/describe.js';
import { UsageError } from '../base/errors/mlops-error.js';
import type { Reporter } from '../base/progress/reporter.js';
import type { Handler, HandlerName } from './handler.js';
import type { LoadResponse } from './load/handler.js';
import type { EventResponse, QueueResponse } from './transcribe/handler.js';

export interface InvokeRequest {
  /** A file with the event as JSON; without one it is `{}`, which is what a schedule means. */
  readonly event: string | undefined;
  readonly cwd: string;
  /** Of the run, as the function's own. */
  readonly timeoutMs: number;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** Runs a handler here as Lambda would. Throws UsageError `EVENT_UNREADABLE` and what the handler throws. */
export async function invoke(
  handler: Handler,
  { event, cwd, timeoutMs, reporter, signal }: InvokeRequest,
): Promise<unknown> {
  const value = event === undefined ? {} : await readEventFile(resolve(cwd, event), event);
  return await handler(value, { requestId: randomUUID(), deadlineMs: Date.now() + timeoutMs, reporter, signal });
}

/** Nothing starts the function that transcribes but an event. Throws UsageError `EVENT_REQUIRED`. */
export function requireEvent(name: HandlerName, event: string | undefined): string | undefined {
  if (event !== undefined || name === 'load') return event;
  throw new UsageError(`${name} needs an event`, {
    code: 'EVENT_REQUIRED',
    why: 'It transcribes what an event of S3 announces.',
    actions: ['Add --event event.json; examples are in docs/pipeline.md'],
  });
}

/** Whether a response names something that has to be tried again, or looked at. */
export function hasFailures(response: unknown): boolean {
  const said = (response ?? {}) as Partial<QueueResponse & EventResponse & LoadResponse>;
  const { batchItemFailures = [], recordings = [], failed = [], refused = [] } = said;
  const givenUp = recordings.filter(({ status }) => status === 'failed');
  return batchItemFailures.length + givenUp.length + failed.length + refused.length > 0;
}

async function readEventFile(path: string, named: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`The event ${named} cannot be read`, {
      code: 'EVENT_UNREADABLE',
      why: describeError(error),
      actions: ['Examples of events are in docs/pipeline.md'],
      cause: error,
    });
  }
}
