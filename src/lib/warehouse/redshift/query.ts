import { queryFailed, queryWrites } from '../errors.js';
import type { QueryOptions, QueryRows } from '../types.js';
import { meaningful, scanSql, whyUnclear } from './sql-scan.js';
import { SqlFailure, type SqlTransport } from './transport/types.js';

const readers = new Set(['select', 'with', 'show', 'explain', '(']);

/**
 * A query is one statement that reads. Redshift has no such thing as a read-only login by IAM, so it is looked at here: what
 * begins with SELECT or WITH cannot write in Redshift, but for SELECT INTO. Throws `QUERY_WRITES`.
 */
export function assertReads(sql: string): void {
  const scanned = scanSql(sql);
  const unclear = whyUnclear(scanned);
  if (unclear !== undefined) throw queryWrites(unclear);
  const tokens = meaningful(scanned);
  const end = tokens.findIndex(({ text }) => text === ';');
  if (end >= 0 && end < tokens.length - 1) throw queryWrites('These are several statements; a query is one.');
  const first = tokens[0]?.text.toLowerCase() ?? '';
  if (!readers.has(first)) throw queryWrites(first === '' ? 'It is empty.' : `It begins with ${first.toUpperCase()}.`);
  const word = (name: string) => tokens.some(({ kind, text }) => kind === 'word' && text.toLowerCase() === name);
  if (word('into')) throw queryWrites('SELECT INTO makes a table.');
  // EXPLAIN plans and runs nothing, whatever it explains; with ANALYZE it would.
  if (first === 'explain' && word('analyze')) throw queryWrites('EXPLAIN ANALYZE runs what it explains.');
}

/** Throws `QUERY_WRITES` and `QUERY_FAILED`. */
export async function runQuery(sql: SqlTransport, text: string, { signal }: QueryOptions): Promise<QueryRows> {
  assertReads(text);
  const { columns, parts } = await asQuery(() => sql.query(text, signal));
  return { columns, parts: failing(parts) };
}

async function* failing<T>(parts: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = parts[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await asQuery(() => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

async function asQuery<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SqlFailure ? queryFailed(error.message, error) : error;
  }
}
