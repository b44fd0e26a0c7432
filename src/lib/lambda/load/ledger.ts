import { quoteTable, sibling, type TableName, tableText } from '../../warehouse/sql/identifier.js';
import { ledgerTable } from '../../warehouse/table.js';
import type { Warehouse } from '../../warehouse/types.js';

/** The loads that a table has, by their ids. What is not among them is not in the table, whatever else says so. */
export async function committedLoads(
  warehouse: Warehouse,
  table: TableName,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  // Before the first load there is no ledger to ask.
  await warehouse.init({ signal });
  const ledger = quoteTable(sibling(table, ledgerTable));
  // A name that was parsed holds letters, digits, underscores and a dot.
  const sql = `SELECT load_id FROM ${ledger} WHERE table_name = '${tableText(table)}'`;
  const { parts } = await warehouse.query(sql, { signal });
  const ids = new Set<string>();
  for await (const rows of parts) for (const [id] of rows) ids.add(String(id));
  return ids;
}
