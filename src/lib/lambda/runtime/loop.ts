import { UsageError } from '../../base/errors/mlops-error.js';
import type { Reporter } from '../../base/progress/reporter.js';
import type { Handler } from '../handler.js';
import type { RuntimeApi } from './api.js';
import { errorDocument } from './error-document.js';

export interface LoopRequest {
  readonly api: RuntimeApi;
  /** Makes the handler ready. What it throws is the error of the init phase. */
  readonly init: () => Promise<Handler>;
  readonly reporter: Reporter;
  /** Hears of each run's trace before it begins. */
  readonly onTrace: (traceId: string | undefined) => void;
  /** Stops the wait for a next event. */
  readonly stop: AbortSignal;
}

/**
 * Runs events one after the other until `stop`, as the runtime of a Lambda function does. Throws what `init` throws, after
 * Lambda has been told, and OperationError `RUNTIME_API_FAILED`. What a handler throws is that run's error and no more.
 */
export async function runLoop({ api, init, reporter, onTrace, stop }: LoopRequest): Promise<void> {
  let handle: Handler;
  try {
    handle = await init();
  } catch (error) {
    await api.initError(errorDocument(error));
    throw error;
  }
  while (!stop.aborted) {
    let invocation: Awaited<ReturnType<RuntimeApi['next']>>;
    try {
      invocation = await api.next(stop);
    } catch (error) {
      if (stop.aborted) return;
      throw error;
    }
    const { requestId, deadlineMs, traceId, body } = invocation;
    onTrace(traceId);
    let answer: string;
    try {
      // A handler without an answer answers null, which is JSON.
      const response = await handle(parse(body), { requestId, deadlineMs, reporter, signal: stop });
      answer = JSON.stringify(response ?? null);
    } catch (error) {
      const document = errorDocument(error);
      reporter.warn(`Run ${requestId} failed: ${document.errorType}: ${document.errorMessage.replaceAll('\n', ' ')}`);
      await api.fail(requestId, document);
      continue;
    }
    await api.respond(requestId, answer);
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new UsageError('The event is not JSON', {
      code: 'EVENT_UNREADABLE',
      why: `It has ${body.length} characters.`,
      cause,
    });
  }
}
