import type { DuckDBConnection, DuckDBType, DuckDBValue, Json } from '@duckdb/node-api';
import { orInterrupted, throwIfInterrupted } from '../interrupted.js';

export type SqlParameter = string | number | null | readonly string[];

/** One connection of DuckDB: statements with their values apart, and an end when the signal says so. */
export interface Session {
  /** Runs one statement; gives the number of rows it changed. */
  run(sql: string, parameters?: readonly SqlParameter[]): Promise<number>;
  /** All rows of a small answer. */
  rows(sql: string, parameters?: readonly SqlParameter[]): Promise<Record<string, Json>[]>;
  /** The one number that the statement answers. */
  count(sql: string, parameters?: readonly SqlParameter[]): Promise<number>;
}

export async function createSession(connection: DuckDBConnection, signal: AbortSignal | undefined): Promise<Session> {
  const { listValue, LIST, VARCHAR, DOUBLE } = await import('@duckdb/node-api');
  const bind = (parameters: readonly SqlParameter[]): [DuckDBValue[], DuckDBType[]] => [
    parameters.map((value) => (isList(value) ? listValue([...value]) : value)),
    parameters.map((value) => (isList(value) ? LIST(VARCHAR) : typeof value === 'number' ? DOUBLE : VARCHAR)),
  ];
  const rows: Session['rows'] = (sql, parameters = []) =>
    interruptible(connection, signal, async () => {
      return (await connection.runAndReadAll(sql, ...bind(parameters))).getRowObjectsJson();
    });
  return {
    rows,
    run: (sql, parameters = []) =>
      interruptible(connection, signal, async () => (await connection.run(sql, ...bind(parameters))).rowsChanged),
    count: async (sql, parameters) => Number(Object.values((await rows(sql, parameters))[0] ?? {})[0]),
  };
}

/** Ends what the connection does at the signal. Throws InterruptedError then. */
export async function interruptible<T>(
  connection: DuckDBConnection,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  throwIfInterrupted(signal);
  const interrupt = () => connection.interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  try {
    return await orInterrupted(signal, work);
  } finally {
    signal?.removeEventListener('abort', interrupt);
  }
}

function isList(value: SqlParameter): value is readonly string[] {
  return Array.isArray(value);
}
