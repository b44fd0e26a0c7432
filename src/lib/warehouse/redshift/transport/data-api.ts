import { randomUUID } from 'node:crypto';
import { InterruptedError, OperationError } from '../../../base/errors/mlops-error.js';
import { hasAwsCode } from '../../../platform/aws/errors.js';
import type { DataApiTarget, RedshiftData, RunOptions, StatementState } from '../../../platform/aws/redshift-data.js';
import { throwIfInterrupted } from '../../interrupted.js';
import type { WarehouseDeps } from '../../settings.js';
import type { QueryRows, QueryValue } from '../../types.js';
import { mayGoOn, mayHaveBegun, within } from './stopped.js';
import { type NamedStatement, SqlFailure, type SqlTransport } from './types.js';
import { queryValue } from './values.js';

/** The Data API takes this many statements in a batch. */
const mostStatements = 40;
/** How long one question for the state of a statement waits for its end, in seconds. */
const waitS = 10;
/** Between two questions, in case an answer comes at once. */
const pauses = { first: 100, most: 5_000 };
/** Attempts to submit while the account has its 500 statements running. */
const submitAttempts = 8;
/**
 * How long Ctrl-C waits for the id of what is being submitted, and then for the end of what was cancelled: both within the
 * 15 s that the function keeps of its time.
 */
const stopMs = 6_000;

/** SQL by the Data API: no connection, no password, and a transaction goes on when we are gone. */
export function createDataApiTransport(
  api: RedshiftData,
  target: DataApiTarget,
  { sleep }: Pick<WarehouseDeps, 'sleep'>,
): SqlTransport {
  const submit = async (
    signal: AbortSignal | undefined,
    send: (options: RunOptions) => Promise<string>,
    name?: string,
  ) => {
    // The same token for every attempt: an answer that was lost does not make a second statement.
    const token = randomUUID();
    for (let attempt = 1; ; attempt += 1) {
      throwIfInterrupted(signal);
      try {
        return await arrived(send({ token }), signal, name);
      } catch (error) {
        if (attempt === submitAttempts || !isCrowded(error)) throw error;
        await paused(sleep, attempt, signal);
      }
    }
  };

  /** The id of what is being submitted. Ctrl-C waits for it as well, for a while: without it there is nothing to cancel. */
  const arrived = async (sent: Promise<string>, signal: AbortSignal | undefined, name: string | undefined) => {
    const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
    const stop = () => resolve(undefined);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const id = (await Promise.race([sent, stopped])) ?? (await within(stopMs, sleep, () => sent));
      if (id !== undefined) return id;
    } catch (error) {
      if (signal?.aborted !== true || isRefusal(error)) throw error;
      throw mayHaveBegun(name, error);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    sent.then((id) => api.cancel(id)).catch(() => undefined);
    throw mayHaveBegun(name);
  };

  const untilEnd = async (id: string, signal: AbortSignal | undefined, hear: (state: StatementState) => void) => {
    for (let attempt = 0; ; attempt += 1) {
      const state = await api.describe(id, waitS, signal);
      if (hasEnded(state)) return state;
      hear(state);
      await paused(sleep, attempt, signal);
    }
  };

  /** Follows what we submitted. An interruption cancels it, and waits to see whether the cancelling came in time. */
  const follow = async (
    id: string,
    signal: AbortSignal | undefined,
    hear: (state: StatementState) => void = () => {},
  ) => {
    try {
      return await untilEnd(id, signal, hear);
    } catch (error) {
      if (signal?.aborted !== true) throw error;
      return await cancelled(id);
    }
  };

  /** How it ended, if it was faster than the cancelling; otherwise throws InterruptedError, which says what is known. */
  const cancelled = async (id: string) => {
    let problem: unknown;
    const state = await within(stopMs, sleep, async (over) => {
      try {
        await api.cancel(id);
      } catch (error) {
        problem = error;
        return await api.describe(id, 0, over);
      }
      return await untilEnd(id, over, () => {});
    }).catch((error: unknown) => {
      problem ??= error;
      return undefined;
    });
    if (state === undefined || !hasEnded(state)) throw mayGoOn(id, problem);
    if (state.status === 'FINISHED') return state;
    throw new InterruptedError('Interrupted', { why: `Statement ${id} was cancelled: nothing was changed.` });
  };

  const run = async (sql: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal | undefined) => {
    const id = await submit(signal, (options) => api.execute(target, sql, { ...options, parameters }));
    const state = await follow(id, signal);
    if (state.status === 'FINISHED') return state;
    throw new SqlFailure(state.error ?? `The statement was ${state.status.toLowerCase()}.`, { pid: state.pid });
  };

  const pages = async function* (state: StatementState, signal: AbortSignal | undefined) {
    let next: string | undefined;
    do {
      const page = await api.resultPage(state.id, next, signal).catch((error: unknown) => {
        throwIfInterrupted(signal);
        throw error;
      });
      yield page;
      next = page.next;
    } while (next !== undefined);
  };

  const query = async (sql: string, parameters: Readonly<Record<string, string>>, signal?: AbortSignal) => {
    const state = await run(sql, parameters, signal);
    if (!state.hasResult) return nothing;
    const all = pages(state, signal);
    const first = (await all.next()).value;
    if (first === undefined) return nothing;
    const { columns } = first;
    const typed = (rows: typeof first.rows) =>
      rows.map((row) => row.map((value, at) => queryValue(value, columns[at]?.type ?? '')));
    const parts = async function* () {
      if (first.rows.length > 0) yield typed(first.rows);
      for await (const { rows } of all) if (rows.length > 0) yield typed(rows);
    };
    return { columns, parts: parts() };
  };

  return {
    async transaction(statements, parameters, { signal, name, onProgress }) {
      if (statements.length > mostStatements) throw new Error(`A batch of ${statements.length} statements`);
      const sqls = statements.map(({ sql }) => sql);
      const send = (options: RunOptions) => api.executeBatch(target, sqls, { ...options, parameters, name });
      const id = await submit(signal, send, name);
      const state = await follow(id, signal, (now) => {
        const running = now.parts.findIndex(({ status }) => status !== 'FINISHED');
        onProgress(running < 0 || now.status === 'SUBMITTED' ? 'waiting' : (statements[running]?.name ?? 'waiting'));
      });
      if (state.status === 'FINISHED') return { statementId: id };
      throw batchFailure(state, statements);
    },
    rows: async (sql, parameters = {}, signal) => {
      const { columns, parts } = await query(sql, parameters, signal);
      const rows: Record<string, QueryValue>[] = [];
      for await (const part of parts) {
        for (const row of part) rows.push(Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null])));
      }
      return rows;
    },
    query: (sql, signal) => query(sql, {}, signal),
    async settle(name, signal) {
      const known = await api.list(target, name).catch((error: unknown) => {
        // Who may not look waits at the lock of the ledger instead.
        if (error instanceof OperationError && error.code === 'ACCESS_DENIED') return [];
        throw error;
      });
      const running = known.filter((statement) => !hasEnded(statement));
      // They are not ours to cancel: whoever began them may be alive.
      for (const { id } of running) {
        await untilEnd(id, signal, () => {}).catch((error: unknown) => {
          if (signal?.aborted !== true) throw error;
          throw new InterruptedError('Interrupted', { why: `Statement ${id}, which an earlier run began, goes on.` });
        });
      }
      return running.length > 0;
    },
  };
}

const nothing: QueryRows = {
  columns: [],
  parts: {
    async *[Symbol.asyncIterator]() {},
  },
};

function batchFailure(
  { status, error, pid, parts }: StatementState,
  statements: readonly NamedStatement[],
): SqlFailure {
  // Those before it may be called aborted as well: they were rolled back.
  const failed = parts.findIndex((part) => part.status === 'FAILED');
  const at = failed >= 0 ? failed : parts.findIndex((part) => part.error !== undefined);
  const said = parts[at]?.error ?? error ?? `The statement was ${status.toLowerCase()}.`;
  return new SqlFailure(said, { statement: statements[at]?.name, pid });
}

function hasEnded({ status }: Pick<StatementState, 'status'>): boolean {
  return status === 'FINISHED' || status === 'FAILED' || status === 'ABORTED';
}

/** Whether Redshift has said that it did not take the statement. */
function isRefusal(error: unknown): boolean {
  return isCrowded(error) || (error instanceof OperationError && error.code === 'ACCESS_DENIED');
}

function isCrowded(error: unknown): boolean {
  return (
    error instanceof OperationError &&
    hasAwsCode(error.cause, 'ActiveStatementsExceededException', 'ActiveSessionsExceededException')
  );
}

async function paused(sleep: WarehouseDeps['sleep'], attempt: number, signal: AbortSignal | undefined): Promise<void> {
  const ms = Math.min(pauses.most, pauses.first * 2 ** Math.min(attempt, 10));
  try {
    await sleep(ms, signal);
  } catch (error) {
    throwIfInterrupted(signal);
    throw error;
  }
}
