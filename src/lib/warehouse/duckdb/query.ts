import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult, Json } from '@duckdb/node-api';
import { queryFailed } from '../errors.js';
import { jsonDocument } from '../rows/json-document.js';
import type { QueryColumn, QueryValue } from '../types.js';
import { assertReadingFunctions } from './reading-functions.js';
import { assertReads, writes } from './reads.js';
import { interruptible } from './session.js';

export interface OpenQuery {
  readonly columns: readonly QueryColumn[];
  readonly parts: AsyncGenerator<readonly (readonly QueryValue[])[]>;
  /** Lets go of what was not read. */
  end(): Promise<void>;
}

/** Runs one statement that reads. Throws `QUERY_WRITES` and `QUERY_FAILED`, the latter also after rows were given. */
export async function startQuery(
  connection: DuckDBConnection,
  sql: string,
  signal: AbortSignal | undefined,
): Promise<OpenQuery> {
  await connection.run(`SET TimeZone = 'UTC'`);
  await connection.run('BEGIN TRANSACTION');
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
      if (next.done === true) return await failing(() => assertWhole(connection, sql));
      yield next.value.map((row) => row.map((value, at) => toValue(value, types[at] ?? '')));
    }
  }
  return { columns, parts: parts(), end: () => endStream(connection, result) };
}

/**
 * A streamed result that was not read to its end keeps the database open, also after connection and instance are closed, until it is
 * collected as garbage, and who opens the file next waits for that. What was interrupted ends, and lets go, with the next chunk.
 */
async function endStream(connection: DuckDBConnection, result: DuckDBResult): Promise<void> {
  connection.interrupt();
  try {
    while (((await result.fetchChunk())?.rowCount ?? 0) > 0);
  } catch {
    // It has failed, so it has ended.
  }
}

/**
 * A streamed result ends in the same way after its last row and when the statement fails: the binding gives no chunk, and no
 * error. But what fails while it runs aborts the transaction, so the transaction is asked. Why is then found by running
 * the statement once more as a sum of all its rows, which holds none of them.
 */
async function assertWhole(connection: DuckDBConnection, sql: string): Promise<void> {
  try {
    await connection.run('SELECT 1');
    return;
  } catch {
    await connection.run('ROLLBACK').catch(() => undefined);
  }
  const again = 'SELECT max(hash(mlops_row)) FROM query($1) AS mlops_row';
  await connection.run(again, [sql]).catch((error: unknown) => {
    if (error instanceof Error && !/^(Parser|Binder) Error/.test(error.message)) throw error;
  });
  throw new Error('The statement failed after its first rows; DuckDB does not say why');
}

/**
 * Also the file is opened for reading only; this is for what would write elsewhere, such as COPY .. TO, and what a SELECT may
 * call.
 */
async function prepareReading(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const { StatementType } = await import('@duckdb/node-api');
  try {
    const statements = await connection.extractStatements(sql);
    if (statements.count !== 1) throw writes(`These are ${statements.count} statements; a query is one.`);
    // Before what it names is looked for: a table that is not there must not hide that it would be dropped.
    assertReads(sql);
    const statement = await statements.prepare(0);
    const type = statement.statementType;
    if (type !== StatementType.SELECT && type !== StatementType.EXPLAIN) {
      throw writes(`This is a statement of the kind ${StatementType[type]}.`);
    }
    if (type === StatementType.SELECT) await assertReadingFunctions(connection, sql);
    return statement;
  } catch (error) {
    throw asQueryError(error);
  }
}

function asQueryError(error: unknown): unknown {
  if (!(error instanceof Error) || 'exitCode' in error) return error;
  if (/attached in read-only mode|Cannot execute statement of type/.test(error.message)) {
    return writes(error.message.replace(/^[A-Za-z ]+ Error: /, ''));
  }
  const why = error.message.replace(/^Failed to extract statements: /, '').trim();
  // A name that is not there.
  return queryFailed(
    why,
    error,
    /^(Binder|Catalog) Error/.test(why) ? ["See what there is: mlops warehouse query 'SHOW ALL TABLES'"] : [],
  );
}

/**
 * DuckDB writes instants as `2026-01-31 12:00:00` and, with an offset, as `2026-01-31 12:00:00+00`; whole numbers of 64 bits and
 * more as text, which they stay when a double cannot hold them; JSON as text.
 */
function toValue(value: Json, type: string): QueryValue {
  if (typeof value !== 'string') return value as QueryValue;
  if (type.startsWith('TIMESTAMP')) return value.replace(' ', 'T').replace(/\+00$/, 'Z');
  if (type === 'JSON') return jsonDocument(value);
  if (!/^U?(BIG|HUGE)INT$/.test(type)) return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
