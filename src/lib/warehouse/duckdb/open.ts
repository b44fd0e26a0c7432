import type { DuckDBConnection } from '@duckdb/node-api';
import { noCounts } from '../counts.js';
import { assertUntampered } from '../errors.js';
import type { WarehouseDeps, WarehouseSettings } from '../settings.js';
import type { SourceList } from '../sources/list.js';
import { sibling, tableText } from '../sql/identifier.js';
import { ledgerTable } from '../table.js';
import type { CopyResult, QueryRows, Warehouse } from '../types.js';
import { copyInto } from './copy.js';
import type { CopyContext } from './copy-context.js';
import { withDatabase } from './database.js';
import { duckDbDdl } from './ddl.js';
import { startQuery } from './query.js';
import { createSession } from './session.js';
import { existingTables, targetColumns } from './target.js';

/** DuckDB in a file. It is open only while something is done, so that other processes can have it in between. */
export function openDuckDb(
  { duckdb, table }: WarehouseSettings,
  deps: WarehouseDeps,
  { partBytes }: Pick<CopyContext, 'partBytes'> = {},
): Warehouse {
  const { path } = duckdb;
  const unread = new Set<() => void>();
  const writing = <T>(signal: AbortSignal | undefined, use: (connection: DuckDBConnection) => Promise<T>) =>
    withDatabase(path, 'write', deps, signal, use);
  return {
    engine: 'duckdb',
    ddl: () => duckDbDdl(table),
    init: ({ signal } = {}) =>
      writing(signal, async (connection) => {
        const session = await createSession(connection, signal);
        const tables = [table, sibling(table, ledgerTable)];
        const before = await existingTables(session, tables);
        await session.run('BEGIN TRANSACTION');
        for (const statement of duckDbDdl(table)) await session.run(statement);
        await targetColumns(session, table);
        await session.run('COMMIT');
        const created = tables.filter(({ name }) => !before.includes(name)).map(tableText);
        return { engine: 'duckdb', table: tableText(table), created };
      }),
    async copy(list, options = {}) {
      assertUntampered(list);
      if (list.objects.length === 0) return nothing(list, tableText(table));
      return await writing(options.signal, (connection) =>
        copyInto(connection, { path, table, deps, partBytes }, list, options),
      );
    },
    query: (sql, { signal } = {}) => queryWhileRead(path, deps, sql, signal, unread),
    close: async () => {
      for (const finish of unread) finish();
    },
  };
}

function nothing(list: SourceList, table: string): CopyResult {
  return {
    ...{
      status: 'nothing-to-load',
      engine: 'duckdb',
      table,
      loadId: list.digest,
      files: 0,
      bytes: 0,
      counts: noCounts,
    },
    ...{ columns: [], loadedAt: null, statementId: null },
  };
}

/** The file stays open until the last row is read, the reader stops, or the warehouse is closed. */
async function queryWhileRead(
  path: string,
  deps: WarehouseDeps,
  sql: string,
  signal: AbortSignal | undefined,
  unread: Set<() => void>,
): Promise<QueryRows> {
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  unread.add(finish);
  const started = Promise.withResolvers<QueryRows>();
  const held = withDatabase(path, 'read', deps, signal, async (connection) => {
    const { columns, parts, end } = await startQuery(connection, sql, signal);
    started.resolve({ columns, parts: untilRead(parts, finish) });
    await finished;
    await end();
  });
  held.catch(started.reject).finally(() => unread.delete(finish));
  return await started.promise;
}

async function* untilRead<T>(parts: AsyncGenerator<T>, finish: () => void): AsyncGenerator<T> {
  try {
    yield* parts;
  } finally {
    finish();
  }
}
