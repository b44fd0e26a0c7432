import type { DuckDBConnection } from '@duckdb/node-api';
import { expect, it, onTestFinished } from 'vitest';
import { checkLoad } from '../../../src/lib/warehouse/duckdb/check.js';
import { copyInto } from '../../../src/lib/warehouse/duckdb/copy.js';
import { duckDbDdl } from '../../../src/lib/warehouse/duckdb/ddl.js';
import { createSeen } from '../../../src/lib/warehouse/duckdb/merge.js';
import { startQuery } from '../../../src/lib/warehouse/duckdb/query.js';
import { createSession } from '../../../src/lib/warehouse/duckdb/session.js';
import { parseTableName } from '../../../src/lib/warehouse/sql/identifier.js';
import { errorOf } from '../../support/errors.js';
import { testWarehouse, warehouseDeps } from '../../support/warehouse/open.js';
import { lines, makeRecord } from '../../support/warehouse/records.js';

const table = parseTableName('transcription_results');

async function inMemory(): Promise<DuckDBConnection> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  onTestFinished(() => {
    connection.closeSync();
    instance.closeSync();
  });
  return connection;
}

const target = 'INSERT INTO transcription_results (id, "timestamp") VALUES';
const ledger = 'UPDATE mlops_loads SET';

it.each<[what: string, change: string, isRefused: boolean, rowsBefore?: number]>([
  ['nothing that is wrong', 'SELECT 1', false],
  ['a row more than were inserted', `${target} ('y', '2026-01-01')`, true],
  ['a row less', `DELETE FROM transcription_results WHERE id = 'z'`, true],
  ['an id twice, in the place of another row', `${target} ('b', '2025-01-01')`, true, 2],
  ['an id of the load in the place of another', `UPDATE transcription_results SET id = 'y' WHERE id = 'b'`, true],
  ['an id with an older row', `UPDATE transcription_results SET "timestamp" = '2025-01-01' WHERE id = 'b'`, true],
  ['a newer row, which wins', `UPDATE transcription_results SET "timestamp" = '2027-01-01' WHERE id = 'b'`, false],
  ['an id less than it should have seen', `DELETE FROM mlops_seen WHERE id = 'b'`, true],
  ['an id more', `INSERT INTO mlops_seen VALUES ('q', '2026-01-01', false)`, true],
  ['fewer rows than are in the files', `${ledger} rows_in_files = 4`, true],
  ['rows of which nothing became', `${ledger} staged = 4, rows_in_files = 4, duplicates = 1, stale = 0`, true],
  ['no entry in the ledger', 'DELETE FROM mlops_loads', true],
  ['an entry of another load', `${ledger} load_id = 'other'`, true],
])('a load is checked by what is there: %s', async (_, change, isRefused, rowsBefore = 1) => {
  const connection = await inMemory();
  const session = await createSession(connection, undefined);
  for (const statement of duckDbDdl(table)) await session.run(statement);
  await createSeen(session);
  // Of a table with z, after three rows of which a came twice.
  await session.run(`${target} ('z', '2026-01-01'), ('a', '2026-01-01'), ('b', '2026-01-01')`);
  await session.run(`INSERT INTO mlops_seen VALUES ('a', '2026-01-01', false), ('b', '2026-01-01', false)`);
  await session.run(
    `INSERT INTO mlops_loads VALUES ('l', 'transcription_results', now(), 1, 1, 3, 3, 1, 0, 2, 0, NULL)`,
  );
  await session.run(change);
  const counts = { rowsInFiles: 3, staged: 3, duplicates: 1, stale: 0, inserted: 2, updated: 0 };
  const check = () => checkLoad(session, table, 'l', counts, rowsBefore);
  if (isRefused) expect((await errorOf(check)).code).toBe('COUNTS_DO_NOT_ADD_UP');
  else await check();
});

it('instants without an offset are UTC wherever the machine stands, loading and asking', async () => {
  const { dir, path, put, list } = await testWarehouse();
  const timestamp = '2026-01-31 10:00:00';
  await put({ 'a.jsonl': lines([makeRecord(1, { timestamp })]) });
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(path);
  onTestFinished(() => instance.closeSync());
  // What each connection begins with, as on a machine that stands there.
  const connect = async () => {
    const connection = await instance.connect();
    await connection.run(`SET GLOBAL TimeZone = 'America/New_York'`);
    return connection;
  };
  const loader = await connect();
  await copyInto(loader, { path, table, deps: warehouseDeps(dir) }, await list(), {});
  loader.closeSync();
  const reader = await connect();
  const sql = `SELECT "timestamp", TIMESTAMPTZ '2026-01-31 10:00:00' FROM transcription_results`;
  const { parts, end } = await startQuery(reader, sql, undefined);
  expect((await parts.next()).value).toEqual([['2026-01-31T10:00:00', '2026-01-31T10:00:00Z']]);
  await end();
  reader.closeSync();
});
