import { InterruptedError, OperationError } from '../../base/errors/mlops-error.js';
import type { Step } from '../../base/progress/reporter.js';
import { formatCount, formatSize } from '../../base/units.js';
import type { LogRow, Logs, QueryAnswer, QueryRequest } from '../../platform/aws/logs.js';

/** CloudWatch gives at most this many rows for a query. */
export const mostRows = 10_000;

export interface LogsDeps {
  readonly logs: Logs;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface QueryOutcome {
  readonly rows: readonly LogRow[];
  readonly recordsScanned: number;
  readonly bytesScanned: number;
}

const firstPollMs = 250;
const longestPollMs = 2_000;
/** Quota "concurrent queries": somebody else's may end soon. */
const startAttempts = 6;
const startWaitMs = 5_000;

/**
 * Runs one query to its end. An abort of `signal` stops it in CloudWatch too, where it would go on scanning, which costs money.
 * Throws InterruptedError, OperationError `LOG_QUERY_LIMIT` or `LOG_QUERY_ENDED`, UsageError for a query or a group that is wrong.
 */
export async function runQuery(
  request: QueryRequest,
  deps: LogsDeps,
  options: { signal: AbortSignal; step?: Step },
): Promise<QueryOutcome> {
  const { signal, step } = options;
  let id: string | undefined;
  let poll = firstPollMs;
  try {
    id = await start(request, deps, options);
    for (;;) {
      // Waiting first: no query is answered at once, and an abort ends the wait.
      await pause(poll, deps, signal);
      const answer = await deps.logs.queryResults(id, signal);
      step?.update(progress(answer));
      if (answer.status === 'Complete') return answer;
      if (answer.status === 'Failed' || answer.status === 'Cancelled' || answer.status === 'Timeout') {
        throw ended(answer);
      }
      poll = Math.min(poll * 1.5, longestPollMs);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    if (id !== undefined) await deps.logs.stopQuery(id).catch(() => undefined);
    throw new InterruptedError();
  }
}

async function start(
  request: QueryRequest,
  deps: LogsDeps,
  { signal, step }: { signal: AbortSignal; step?: Step },
): Promise<string> {
  for (let attempt = 1; attempt <= startAttempts; attempt++) {
    if (signal.aborted) throw new InterruptedError();
    const id = await deps.logs.startQuery(request, signal);
    if (id !== undefined) return id;
    step?.update('waiting: the account runs as many queries as it may');
    if (attempt < startAttempts) await pause(startWaitMs, deps, signal);
  }
  throw new OperationError('CloudWatch takes no more queries at this moment', {
    code: 'LOG_QUERY_LIMIT',
    why: `logs:StartQuery said LimitExceededException ${startAttempts} times: the quota "Concurrent queries" of Logs Insights is used up.`,
    actions: ['Wait for the queries of others, or have the quota raised (Service Quotas > CloudWatch Logs)'],
  });
}

/** Throws InterruptedError as soon as `signal` aborts. */
export async function pause(ms: number, deps: Pick<LogsDeps, 'sleep'>, signal: AbortSignal): Promise<void> {
  await deps.sleep(ms, signal).catch(() => undefined);
  if (signal.aborted) throw new InterruptedError();
}

function progress({ recordsScanned, recordsMatched, bytesScanned }: QueryAnswer): string {
  return `${formatCount(recordsScanned)} records scanned (${formatSize(bytesScanned)}), ${formatCount(recordsMatched)} match`;
}

function ended({ status }: QueryAnswer): OperationError {
  const why = {
    Failed: 'CloudWatch could not run it.',
    Cancelled: 'Somebody stopped it.',
    Timeout: 'A query may take 60 minutes.',
  }[status as 'Failed' | 'Cancelled' | 'Timeout'];
  return new OperationError(`The query ended without an answer: ${status}`, {
    code: 'LOG_QUERY_ENDED',
    why,
    actions: ['Ask for less time with --since and --until, or for fewer groups'],
  });
}
