import type { FieldDef, QueryArrayResult } from 'pg';
import { describeError } from '../../../base/errors/describe.js';
import { InterruptedError } from '../../../base/errors/mlops-error.js';
import { throwIfInterrupted } from '../../interrupted.js';
import type { WarehouseDeps } from '../../settings.js';
import type { DirectTarget } from '../connection.js';
import { meaningful, positional, scanSql } from '../sql-scan.js';
import { connect, type Session } from './session.js';
import { mayHoldLocks, outcomeUnknown, within } from './stopped.js';
import { SqlFailure, type SqlTransport } from './types.js';
import { queryValue } from './values.js';

/** Rows of one part of a query. */
const rowsAtOnce = 1_000;

/** By their numbers in the catalog, as the Data API calls them. 4000 is Redshift's own. */
const typeNames: Readonly<Record<number, string>> = {
  16: 'bool',
  20: 'int8',
  21: 'int2',
  23: 'int4',
  25: 'text',
  700: 'float4',
  701: 'float8',
  1042: 'bpchar',
  1043: 'varchar',
  1082: 'date',
  1114: 'timestamp',
  1184: 'timestamptz',
  1700: 'numeric',
  4000: 'super',
};

/** How long Ctrl-C waits for the session to end, or for the answer to a COMMIT that is on its way. */
const stopMs = 12_000;

/** SQL by a connection with a password: always TLS, with a certificate that is valid for the host. */
export function createDirectTransport(target: DirectTarget, { sleep }: Pick<WarehouseDeps, 'sleep'>): SqlTransport {
  /**
   * Ends what the session does, so that its locks are let go. A connection that is only dropped would not do: Redshift
   * notices when it wants to talk to us, which may be at the end of an hour of COPY. Gives what went wrong.
   */
  const stop = async (session: Session): Promise<string | undefined> => {
    let problem: unknown;
    const work = async () => {
      if (!session.isCommitting) await terminate(target, session.pid);
      await session.closed;
      return true;
    };
    const hasEnded = await within(stopMs, sleep, work).catch((error: unknown) => {
      problem = error;
      return undefined;
    });
    session.destroy();
    if (hasEnded === true) return undefined;
    return problem === undefined ? 'it does not answer' : describeError(problem);
  };

  /** A session that an interruption ends. */
  const open = async (signal: AbortSignal | undefined) => {
    throwIfInterrupted(signal);
    const session = await connect(target);
    let stopping: Promise<string | undefined> | undefined;
    const onAbort = () => {
      stopping ??= stop(session);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    return {
      session,
      /** The error to throw for one that came up. */
      async explain(error: unknown): Promise<unknown> {
        if (signal?.aborted !== true) return error;
        const problem = await stopping;
        if (error instanceof SqlFailure && error.isOutcomeUnknown) return outcomeUnknown(error);
        return problem === undefined
          ? new InterruptedError('Interrupted', { why: 'The session in Redshift was ended: nothing was changed.' })
          : mayHoldLocks(session.pid, problem);
      },
      async close(): Promise<void> {
        signal?.removeEventListener('abort', onAbort);
        await session.end();
      },
    };
  };

  const connected = async <T>(signal: AbortSignal | undefined, use: (session: Session) => Promise<T>): Promise<T> => {
    const { session, explain, close } = await open(signal);
    try {
      return await use(session);
    } catch (error) {
      throw await explain(error);
    } finally {
      await close();
    }
  };

  return {
    transaction: (statements, parameters, { signal, onProgress }) =>
      connected(signal, async (session) => {
        await session.run('BEGIN');
        for (const { name, sql } of statements) {
          throwIfInterrupted(signal);
          onProgress(name);
          await session.run(...positional(sql, parameters), name);
        }
        // Once the signal was given no COMMIT is sent, so nothing can be changed.
        throwIfInterrupted(signal);
        onProgress('commit');
        await session.commit();
        return { statementId: null };
      }),
    rows: (sql, parameters = {}, signal) =>
      connected(signal, async (session) => {
        const { fields, rows } = await session.run(...positional(sql, parameters));
        return rows.map((row) => Object.fromEntries(fields.map((field, at) => [field.name, cell(row[at], field)])));
      }),
    async query(sql, signal) {
      const { session, explain, close } = await open(signal);
      const batches = read(session, sql);
      try {
        const first = (await batches.next()).value;
        if (first === undefined) throw new SqlFailure('The statement gave no result.');
        const columns = first.fields.map((field) => ({ name: field.name, type: typeOf(field) }));
        const parts = async function* () {
          try {
            for (let batch: QueryArrayResult | undefined = first; batch !== undefined; ) {
              const { rows, fields } = batch;
              if (rows.length > 0) yield rows.map((row) => fields.map((field, at) => cell(row[at], field)));
              batch = (await batches.next()).value;
            }
          } catch (error) {
            throw await explain(error);
          } finally {
            await close();
          }
        };
        return { columns, parts: parts() };
      } catch (error) {
        const explained = await explain(error);
        await close();
        throw explained;
      }
    },
    settle: async () => false,
  };
}

/**
 * Ends a session of ours by a second one, whose login and certificate are checked like those of the first. Not by the
 * protocol's request to cancel, which pg sends without TLS, and not by PG_CANCEL_BACKEND, which Redshift may refuse within a
 * transaction: https://docs.aws.amazon.com/redshift/latest/dg/PG_TERMINATE_BACKEND.html
 */
async function terminate(target: DirectTarget, pid: number): Promise<void> {
  const other = await connect(target);
  try {
    await other.run('SELECT pg_terminate_backend(CAST($1 AS INTEGER))', [String(pid)]);
  } finally {
    await other.end();
  }
}

/** A cursor holds the rows in Redshift; what is not a query by itself (SHOW, EXPLAIN) has few of them. */
async function* read(session: Session, sql: string): AsyncGenerator<QueryArrayResult, undefined> {
  await session.run('BEGIN READ ONLY');
  const first = meaningful(scanSql(sql))[0]?.text.toLowerCase();
  if (first !== 'select' && first !== 'with' && first !== '(') {
    yield await session.runOne(sql);
    return undefined;
  }
  // A semicolon at the end is allowed in a query, and not in a cursor's.
  await session.runOne(`DECLARE mlops_query CURSOR FOR ${sql.replace(/;\s*$/, '')}`);
  for (;;) {
    const batch = await session.run(`FETCH FORWARD ${rowsAtOnce} FROM mlops_query`);
    yield batch;
    if (batch.rows.length < rowsAtOnce) return undefined;
  }
}

function typeOf({ dataTypeID }: FieldDef): string {
  return typeNames[dataTypeID] ?? `type ${dataTypeID}`;
}

function cell(value: unknown, field: FieldDef) {
  return queryValue((value ?? null) as string | null, typeOf(field));
}
