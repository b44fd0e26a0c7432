import { OperationError } from '../../base/errors/mlops-error.js';
import { quoteTable, sibling, type TableName, tableText } from '../sql/identifier.js';
import { ledgerTable } from '../table.js';
import type { InitResult } from '../types.js';
import { createLoader, grantsForLoader, redshiftDdl } from './ddl.js';
import { findTarget, type Target } from './target.js';
import { SqlFailure, type SqlParameters, type SqlTransport } from './transport/types.js';

/**
 * Makes table and ledger where they are missing. Gives the table, and the names of those that were not there. What the ledger
 * says of a table that is gone is void: it goes in the transaction that makes the new one, or nothing would be loaded again.
 */
export async function prepareTarget(
  sql: SqlTransport,
  table: TableName,
  signal?: AbortSignal,
): Promise<{ readonly target: Target; readonly created: readonly string[] }> {
  const ledger = sibling(table, ledgerTable);
  const target = await findTarget(sql, table, signal);
  const hasLedger = await exists(sql, ledger, signal);
  // Who may load may not have to make tables: nothing is asked for that is there.
  if (target !== undefined && hasLedger) return { target, created: [] };
  const created = [...(target === undefined ? [table] : []), ...(hasLedger ? [] : [ledger])].map(tableText);
  try {
    const isNew = target === undefined;
    const forget = `DELETE FROM ${quoteTable(ledger)} WHERE table_name = :table_name`;
    // Who is told that the table is there by now, forgets nothing of what was loaded into it.
    const statements = [...redshiftDdl(table, { mayExist: !isNew }), ...(isNew ? [forget] : [])];
    await runAll(sql, statements, signal, isNew ? { table_name: tableText(table) } : {});
  } catch (error) {
    // Two that make the same table at the same moment: one of them is told off, and the table is there.
    if (!(error instanceof SqlFailure) || !(await exists(sql, ledger, signal))) throw error;
  }
  const made = await findTarget(sql, table, signal);
  if (made !== undefined) return { target: made, created };
  throw new SqlFailure(`The table ${tableText(table)} was made, and svv_columns does not show it.`);
}

export async function initTables(
  sql: SqlTransport,
  table: TableName,
  loader: string | undefined,
  signal?: AbortSignal,
): Promise<InitResult> {
  try {
    const { created } = await prepareTarget(sql, table, signal);
    if (loader !== undefined) {
      const known = await sql.rows('SELECT usename FROM pg_user WHERE usename = :name', { name: loader }, signal);
      const user = known.length > 0 ? [] : [createLoader(loader)];
      await runAll(sql, [...user, ...grantsForLoader(table, loader)], signal);
    }
    return { engine: 'redshift', table: tableText(table), created };
  } catch (error) {
    if (!(error instanceof SqlFailure)) throw error;
    throw new OperationError(`The tables of ${tableText(table)} could not be made`, {
      code: 'INIT_FAILED',
      why: `Redshift says: ${error.message}`,
      actions: ['Run it as a user that may create tables there, or see what it runs: mlops warehouse init --dry-run'],
      cause: error,
    });
  }
}

async function runAll(
  sql: SqlTransport,
  statements: readonly string[],
  signal: AbortSignal | undefined,
  parameters: SqlParameters = {},
): Promise<void> {
  const named = statements.map((statement) => ({ name: statement.split(/[\n(]/, 1)[0]?.trim() ?? '', sql: statement }));
  await sql.transaction(named, parameters, { name: 'mlops-init', signal, onProgress: () => {} });
}

async function exists(sql: SqlTransport, table: TableName, signal?: AbortSignal): Promise<boolean> {
  const where = table.schema === undefined ? 'current_schema()' : ':schema';
  const found = await sql.rows(
    `SELECT column_name FROM svv_columns WHERE table_schema = ${where} AND table_name = :name`,
    { ...(table.schema === undefined ? {} : { schema: table.schema }), name: table.name },
    signal,
  );
  return found.length > 0;
}
