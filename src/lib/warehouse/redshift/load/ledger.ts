import { quoteTable, sibling, type TableName, tableText } from '../../sql/identifier.js';
import { ledgerTable } from '../../table.js';
import type { LoadCounts } from '../../types.js';
import type { SqlTransport } from '../transport/types.js';

export interface PastLoad {
  /** ISO 8601 UTC. */
  readonly loadedAt: string;
  readonly files: number;
  readonly bytes: number;
  readonly counts: LoadCounts;
  readonly statementId: string | null;
}

const ledger = (table: TableName) => quoteTable(sibling(table, ledgerTable));

/** The load of this id, if the table has it. The ledger has to be there. */
export async function findLoad(
  sql: SqlTransport,
  table: TableName,
  loadId: string,
  signal?: AbortSignal,
): Promise<PastLoad | undefined> {
  const [row] = await sql.rows(
    `SELECT loaded_at, files, bytes, rows_in_files, staged, duplicates, stale, inserted, updated, statement_id
     FROM ${ledger(table)} WHERE load_id = :load_id AND table_name = :table_name`,
    { load_id: loadId, table_name: tableText(table) },
    signal,
  );
  if (row === undefined) return undefined;
  const number = (name: string) => Number(row[name]);
  return {
    loadedAt: new Date(`${String(row.loaded_at)}Z`).toISOString(),
    files: number('files'),
    bytes: number('bytes'),
    counts: {
      rowsInFiles: number('rows_in_files'),
      staged: number('staged'),
      duplicates: number('duplicates'),
      stale: number('stale'),
      inserted: number('inserted'),
      updated: number('updated'),
    },
    statementId: row.statement_id === null ? null : String(row.statement_id),
  };
}

/** Writes down which statement it was: its id is known only once it runs. For looking it up; nothing depends on it. */
export async function noteStatement(sql: SqlTransport, table: TableName, loadId: string, id: string): Promise<void> {
  await sql.rows(
    `UPDATE ${ledger(table)} SET statement_id = :statement_id WHERE load_id = :load_id AND table_name = :table_name`,
    { statement_id: id, load_id: loadId, table_name: tableText(table) },
  );
}
