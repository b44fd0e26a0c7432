import type { DuckDBConnection } from '@duckdb/node-api';
import { describeError } from '../../base/errors/describe.js';
import { InterruptedError, MlopsError, OperationError } from '../../base/errors/mlops-error.js';
import { noCounts } from '../counts.js';
import type { SourceList } from '../sources/list.js';
import { quoteTable, tableText } from '../sql/identifier.js';
import type { CopyOptions, CopyResult, CopyStep } from '../types.js';
import { checkLoad } from './check.js';
import type { CopyContext } from './copy-context.js';
import { duckDbDdl } from './ddl.js';
import { removeDuplicates } from './deduplicate.js';
import { findLoad, forgetLoads, type PastLoad, recordLoad } from './ledger.js';
import { createSeen, mergeStaging } from './merge.js';
import { createSession, type Session } from './session.js';
import { inParts } from './spool.js';
import { createStaging, stageFiles, staging } from './staging.js';
import { targetColumns } from './target.js';

/** One transaction: all of the list is in the table when it ends, or the database is as it was. */
export async function copyInto(
  connection: DuckDBConnection,
  context: CopyContext,
  list: SourceList,
  { signal, onStep }: CopyOptions,
): Promise<CopyResult> {
  const session = await createSession(connection, signal);
  const told = async (step: CopyStep) => await onStep?.(step);
  let result: CopyResult;
  try {
    // Instants without an offset are UTC, wherever this machine stands.
    await session.run(`SET TimeZone = 'UTC'`);
    await session.run('BEGIN TRANSACTION');
    result = await load(session, context, list, signal, told);
    await session.run('COMMIT');
  } catch (error) {
    // After an error of its own DuckDB has rolled back by itself, or waits for this.
    await connection.run('ROLLBACK').catch(() => undefined);
    if (signal?.aborted === true)
      throw new InterruptedError('Interrupted', { why: 'Nothing of this load is in the table.' });
    throw error instanceof MlopsError ? error : loadFailed(context, error);
  }
  if (result.status === 'loaded') await told('committed');
  return result;
}

async function load(
  session: Session,
  context: CopyContext,
  list: SourceList,
  signal: AbortSignal | undefined,
  told: (step: CopyStep) => Promise<void>,
): Promise<CopyResult> {
  const { table } = context;
  for (const statement of duckDbDdl(table)) await session.run(statement);
  const columns = await targetColumns(session, table);
  const describe = (status: CopyResult['status'], { loadedAt, files, bytes, counts }: PastLoad): CopyResult => ({
    ...{ status, engine: 'duckdb', table: tableText(table), loadId: list.digest, files, bytes, counts, loadedAt },
    ...{ columns: columns.map(({ name }) => name), statementId: null },
  });
  const rowsBefore = await session.count(`SELECT count(*) FROM ${quoteTable(table)}`);
  if (rowsBefore === 0) await forgetLoads(session, table);
  const past = await findLoad(session, table, list.digest);
  if (past !== undefined) return describe('already-loaded', past);
  await told('begun');

  let counts = noCounts;
  await createSeen(session);
  await inParts(list, context, signal, async (files) => {
    await createStaging(session, columns);
    const rowsInFiles = counts.rowsInFiles + (await stageFiles(session, columns, files, list.format));
    const staged = counts.staged + (await session.count(`SELECT count(*) FROM ${staging}`));
    await told('staged');

    const duplicates = counts.duplicates + (await removeDuplicates(session, columns));
    await told('deduplicated');

    const merged = await mergeStaging(session, table, columns, { ...counts, duplicates });
    await told('merged');
    counts = { rowsInFiles, staged, ...merged };
  });
  const done = { loadedAt: new Date().toISOString(), files: list.objects.length, bytes: list.bytes, counts };
  await recordLoad(session, table, list.digest, done);
  await told('recorded');

  await checkLoad(session, table, list.digest, counts, rowsBefore);
  await told('checked');
  return describe('loaded', done);
}

function loadFailed({ path, table }: CopyContext, cause: unknown): OperationError {
  return new OperationError(`Loading into ${tableText(table)} failed`, {
    code: 'LOAD_FAILED',
    why: `DuckDB says: ${describeError(cause)}. The table is as it was.`,
    actions: [`Look at the warehouse: mlops warehouse query --database ${path} 'DESCRIBE ${tableText(table)}'`],
    cause,
  });
}
