import type { DuckDBConnection, DuckDBPreparedStatement, Json } from '@duckdb/node-api';
import { queryFailed, queryWrites } from '../errors.js';
import type { QueryColumn, QueryValue } from '../types.js';
import { interruptible } from './session.js';

export interface OpenQuery {
  readonly columns: readonly QueryColumn[];
  readonly parts: AsyncGenerator<readonly (readonly QueryValue[])[]>;
}

/** Runs one statement that reads. Throws `QUERY_WRITES` and `QUERY_FAILED`. */
export async function startQuery(
  connection: DuckDBConnection,
  sql: string,
  signal: AbortSignal | undefined,
): Promise<OpenQuery> {
  await connection.run(`SET TimeZone = 'UTC'`);
  const statement = await prepareReading(connection, sql);
  const failing = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await interruptible(connection, signal, work);
    } catch (error) {
      throw asQueryError(error);
    }
  };
  const result = await failing(() => statement.stream());
  const types = result.columnTypes().map((type) => type.alias ?? String(type));
  const names = result.deduplicatedColumnNames();
  const columns = names.map((name, at) => ({ name, type: types[at] ?? '' }));
  async function* parts() {
    const chunks = result.yieldRowsJson();
    for (;;) {
      const next = await failing(() => chunks.next());
      if (next.done === true) return;
      yield next.value.map((row) => row.map((value, at) => toValue(value, types[at] ?? '')));
    }
  }
  return { columns, parts: parts() };
}

/** Also the file is opened for reading only; this is for what would write elsewhere, such as COPY .. TO. */
async function prepareReading(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const { StatementType } = await import('@duckdb/node-api');
  try {
    const statements = await connection.extractStatements(sql);
    if (statements.count !== 1) throw queryWrites(`These are ${statements.count} statements; a query is one.`);
    const statement = await statements.prepare(0);
    const type = statement.statementType;
    if (type === StatementType.SELECT || type === StatementType.EXPLAIN) return statement;
    throw queryWrites(`This is a statement of the kind ${StatementType[type]}.`);
  } catch (error) {
    throw asQueryError(error);
  }
}

function asQueryError(error: unknown): unknown {
  if (!(error instanceof Error) || 'exitCode' in error) return error;
  if (/attached in read-only mode|Cannot execute statement of type/.test(error.message)) {
    return queryWrites(error.message.replace(/^[A-Za-z ]+ Error: /, ''));
  }
  return queryFailed(error.message.replace(/^Failed to extract statements: /, '').trim(), error);
}

/**
 * DuckDB writes instants as `2026-01-31 12:00:00` and, with an offset, as `2026-01-31 12:00:00+00`; whole numbers of 64 bits and
 * more as text, which they stay when a double cannot hold them; JSON as text.
 */
function toValue(value: Json, type: string): QueryValue {
  if (typeof value !== 'string') return value as QueryValue;
  if (type.startsWith('TIMESTAMP')) return value.replace(' ', 'T').replace(/\+00$/, 'Z');
  if (type === 'JSON') return JSON.parse(value) as QueryValue;
  if (!/^U?(BIG|HUGE)INT$/.test(type)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
