import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../base/errors/mlops-error.js';
import { inStep, type Reporter } from '../../base/progress/reporter.js';
import { formatCount } from '../../base/units.js';
import { createLogs, type LogRow } from '../../platform/aws/logs.js';
import type { Project } from '../../project/project.js';
import { followRows } from './follow.js';
import { type LogService, type LogSource, logRegion, logSource, mostGroups } from './groups.js';
import { errorsQuery, linesQuery, narrowed } from './queries.js';
import { type LogsDeps, mostRows, runQuery } from './query.js';
import { timeRange } from './time-range.js';

export interface LogsRequest {
  readonly project: Project;
  readonly services: readonly LogService[];
  /** By name; instead of those of services. */
  readonly groups: readonly string[];
  readonly errors: boolean;
  readonly query: string | undefined;
  readonly since: string;
  readonly until: string | undefined;
  readonly follow: boolean;
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Asks CloudWatch, and gives every row to `show` in the order of the query, with `follow` oldest first as they come. An abort
 * ends following without an error, and a plain query with InterruptedError.
 */
export async function runLogs(
  request: LogsRequest,
  show: (row: LogRow) => Promise<void>,
  reporter: Reporter,
  given?: LogsDeps,
): Promise<void> {
  const { project, services, signal, limit } = request;
  const { fromMs, untilMs } = timeRange(request.since, request.until, (given?.now ?? Date.now)());
  const named: LogSource = { groups: request.groups, only: undefined };
  const { groups, only } = request.groups.length > 0 ? named : await logSource(project, services);
  if (groups.length > mostGroups) {
    throw new UsageError(`At most ${mostGroups} log groups can be searched at once`, { code: 'TOO_MANY_LOG_GROUPS' });
  }
  const query = narrowed(request.query ?? (request.errors ? errorsQuery : linesQuery), only);
  const deps = given ?? (await realDeps(project, request.env));
  if (request.follow) {
    reporter.note(`Following ${groups.join(', ')}; Ctrl-C ends`);
    return await follow({ groups, query, fromMs, signal }, show, deps);
  }
  const { rows } = await inStep(
    reporter,
    `Searching ${groups.join(', ')}`,
    (step) => runQuery({ groups, query, fromMs, untilMs, limit }, deps, { signal, step }),
    ({ rows: found, recordsScanned }) => `${formatCount(found.length)} rows of ${formatCount(recordsScanned)} records`,
  );
  for (const row of rows) await show(row);
  if (rows.length === 0 && only !== undefined) {
    reporter.note(`Of the pods only those of mlops deploy were searched: ${only}. --log-group searches all of a group`);
  }
  if (rows.length === limit) {
    reporter.note(
      `There may be more: --limit ${limit} is reached${limit < mostRows ? `, and may be up to ${mostRows}` : ''}`,
    );
  }
}

async function follow(
  request: Parameters<typeof followRows>[0],
  show: (row: LogRow) => Promise<void>,
  deps: LogsDeps,
): Promise<void> {
  try {
    for await (const rows of followRows(request, deps)) for (const row of rows) await show(row);
  } catch (error) {
    if (!request.signal.aborted) throw error;
  }
}

async function realDeps(project: Project, env: LogsRequest['env']): Promise<LogsDeps> {
  const profile = project.config.aws?.profile;
  const settings = { region: await logRegion(project, env), ...(profile === undefined ? {} : { profile }) };
  return {
    logs: createLogs(settings),
    now: Date.now,
    sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
  };
}

/** Writes one text a call, as fast as the reader takes it. */
export function lineWriter(output: Writable): (text: string) => Promise<void> {
  return async (text) => {
    if (output.destroyed || output.write(`${text}\n`)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        output.off('drain', done).off('error', done).off('close', done);
        resolve();
      };
      output.on('drain', done).on('error', done).on('close', done);
    });
  };
}
