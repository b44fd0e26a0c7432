import { UsageError } from '../../base/errors/mlops-error.js';
import type { LogRow } from '../../platform/aws/logs.js';
import { type LogsDeps, mostRows, pause, runQuery } from './query.js';

export interface FollowRequest {
  readonly groups: readonly string[];
  readonly query: string;
  /** Where it begins, in milliseconds since 1970. */
  readonly fromMs: number;
  readonly signal: AbortSignal;
}

/** Between two looks. Each is a query of its own, and queries are paid by what they scan. */
const intervalMs = 5_000;
/** A line can be searched seconds after it was written, and not in order: each look reaches back this far again. */
const overlapMs = 120_000;

/**
 * Rows as they come, oldest first, each once, until `signal` aborts. It asks the same query again and again and leaves out
 * what it has given already, by `@ptr`; so it needs no other permission, and takes any query that gives lines. A look that
 * is full is cut in two, so that a burst loses nothing.
 * Throws UsageError `FOLLOW_NEEDS_LINES` for a query that gives figures.
 */
export async function* followRows(request: FollowRequest, deps: LogsDeps): AsyncGenerator<readonly LogRow[], void> {
  const { signal } = request;
  const seen = new Map<string, number>();
  let fromMs = request.fromMs;
  while (!signal.aborted) {
    const untilMs = deps.now();
    const fresh: LogRow[] = [];
    for (const row of await rowsBetween(request, fromMs, untilMs, deps)) {
      const pointer = row['@ptr'];
      if (pointer === undefined) throw needsLines();
      if (!seen.has(pointer)) fresh.push(row);
      seen.set(pointer, untilMs);
    }
    if (fresh.length > 0) yield fresh.sort(byTime);
    fromMs = Math.max(request.fromMs, untilMs - overlapMs);
    // A row that no look reaches any more need not be remembered: it was last seen before the overlap began.
    for (const [pointer, lastMs] of seen) if (lastMs < fromMs) seen.delete(pointer);
    await pause(intervalMs, deps, signal);
  }
}

async function rowsBetween(
  request: FollowRequest,
  fromMs: number,
  untilMs: number,
  deps: LogsDeps,
): Promise<readonly LogRow[]> {
  const { groups, query, signal } = request;
  const { rows } = await runQuery({ groups, query, fromMs, untilMs, limit: mostRows }, deps, { signal });
  // CloudWatch counts in seconds: one second cannot be cut.
  if (rows.length < mostRows || untilMs - fromMs < 2_000) return rows;
  const middleMs = Math.floor((fromMs + untilMs) / 2_000) * 1_000;
  return [
    ...(await rowsBetween(request, fromMs, middleMs, deps)),
    ...(await rowsBetween(request, middleMs, untilMs, deps)),
  ];
}

/** CloudWatch writes times so that their order is the order of the texts. */
function byTime(a: LogRow, b: LogRow): number {
  const [left = '', right = ''] = [a['@timestamp'], b['@timestamp']];
  return left < right ? -1 : Number(left > right);
}

function needsLines(): UsageError {
  return new UsageError('Only a query that gives log lines can be followed', {
    code: 'FOLLOW_NEEDS_LINES',
    why: 'The rows have no @ptr: the query counts or groups with stats, or leaves out duplicates.',
    actions: ['Leave out --follow, or the stats'],
  });
}
