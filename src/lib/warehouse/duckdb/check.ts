import { countsDoNotAddUp } from '../errors.js';
import { quoteTable, sibling, type TableName, tableText } from '../sql/identifier.js';
import { ledgerTable } from '../table.js';
import type { LoadCounts } from '../types.js';
import { seen } from './merge.js';
import type { Session } from './session.js';

const message = 'the counts of the load do not add up';

/**
 * The last statement of the transaction. It counts what is there instead of believing what the statements before it said:
 * the ledger's equations, how much the target has grown, and that it holds every id of the load once and not older.
 * Throws `COUNTS_DO_NOT_ADD_UP`, and the transaction is dead.
 * @param rowsBefore rows of the target when the transaction began
 */
export async function checkLoad(
  session: Session,
  table: TableName,
  loadId: string,
  counts: LoadCounts,
  rowsBefore: number,
): Promise<void> {
  const target = quoteTable(table);
  try {
    await session.rows(
      `WITH load AS (SELECT * FROM ${quoteTable(sibling(table, ledgerTable))} WHERE table_name = $1 AND load_id = $2),
       grown AS (SELECT count(*) - $3 AS rows FROM ${target}),
       ids AS (SELECT count(*) AS rows FROM ${seen}),
       held AS (
         SELECT count(*) AS rows, count(*) FILTER (t."timestamp" >= s."timestamp") AS current
         FROM ${target} AS t JOIN ${seen} AS s USING (id)
       )
       SELECT CASE WHEN (SELECT count(*) FROM load) = 1 AND (
         SELECT rows_in_files = staged AND staged = duplicates + stale + inserted + updated
           AND inserted = (SELECT rows FROM grown)
           AND staged - duplicates = (SELECT rows FROM ids)
           AND staged - duplicates = (SELECT rows FROM held)
           AND staged - duplicates = (SELECT current FROM held)
         FROM load
       ) THEN 'ok' ELSE error('${message}') END AS verdict`,
      [tableText(table), loadId, rowsBefore],
    );
  } catch (error) {
    if (error instanceof Error && error.message.includes(message)) throw countsDoNotAddUp(counts, error);
    throw error;
  }
}
