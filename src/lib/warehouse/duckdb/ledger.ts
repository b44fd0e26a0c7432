import { quoteTable, sibling, type TableName, tableText } from '../sql/identifier.js';
import { ledgerTable } from '../table.js';
import type { LoadCounts } from '../types.js';
import type { Session } from './session.js';

export interface PastLoad {
  /** ISO 8601 UTC. */
  readonly loadedAt: string;
  readonly files: number;
  readonly bytes: number;
  readonly counts: LoadCounts;
}

const ledger = (table: TableName) => quoteTable(sibling(table, ledgerTable));
/** To the millisecond, as JavaScript writes an instant. */
const instantText = `strftime(loaded_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS loaded_at_text`;

/** The load of this id, if the table has it. */
export async function findLoad(session: Session, table: TableName, loadId: string): Promise<PastLoad | undefined> {
  const [row] = await session.rows(
    `SELECT *, ${instantText} FROM ${ledger(table)}
     WHERE table_name = $1 AND load_id = $2`,
    [tableText(table), loadId],
  );
  if (row === undefined) return undefined;
  return {
    loadedAt: String(row.loaded_at_text),
    files: Number(row.files),
    bytes: Number(row.bytes),
    counts: {
      rowsInFiles: Number(row.rows_in_files),
      staged: Number(row.staged),
      duplicates: Number(row.duplicates),
      stale: Number(row.stale),
      inserted: Number(row.inserted),
      updated: Number(row.updated),
    },
  };
}

/**
 * For a table without rows: it was dropped, made anew or emptied since the loads that brought rows, so they are no longer
 * in it. A load of no rows stays true.
 */
export async function forgetLoads(session: Session, table: TableName): Promise<void> {
  await session.run(`DELETE FROM ${ledger(table)} WHERE table_name = $1 AND staged > 0`, [tableText(table)]);
}

export async function recordLoad(session: Session, table: TableName, loadId: string, load: PastLoad): Promise<void> {
  const { rowsInFiles, staged, duplicates, stale, inserted, updated } = load.counts;
  await session.run(
    `INSERT INTO ${ledger(table)} (load_id, table_name, loaded_at, files, bytes, rows_in_files, staged, duplicates, stale,
       inserted, updated, statement_id)
     VALUES ($1, $2, $3::TIMESTAMP, $4, $5, $6, $7, $8, $9, $10, $11, NULL)`,
    [
      ...[loadId, tableText(table), load.loadedAt, load.files, load.bytes],
      ...[rowsInFiles, staged, duplicates, stale, inserted, updated],
    ],
  );
}
