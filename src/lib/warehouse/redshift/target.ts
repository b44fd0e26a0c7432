import { tableMismatch } from '../errors.js';
import { type TableName, tableText } from '../sql/identifier.js';
import { essentialColumns } from '../table.js';
import { acceptedTypes, type RedshiftColumn, redshiftColumns, typeOf } from './columns.js';
import type { SqlTransport } from './transport/types.js';

export interface Target {
  /** Columns of the record that the table has, in the record's order, as wide as they are there. */
  readonly columns: readonly RedshiftColumn[];
  /** Whether it has columns that are none of the record's: they keep their values when a row is updated. */
  readonly hasOthers: boolean;
}

/**
 * The table as the catalog knows it; undefined when there is none, or this user may not see it. Throws `TABLE_MISMATCH`.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_COLUMNS.html
 */
export async function findTarget(
  sql: SqlTransport,
  table: TableName,
  signal?: AbortSignal,
): Promise<Target | undefined> {
  const where = table.schema === undefined ? 'current_schema()' : ':schema';
  const found = await sql.rows(
    `SELECT column_name, data_type, character_maximum_length FROM svv_columns
     WHERE table_schema = ${where} AND table_name = :name`,
    { ...(table.schema === undefined ? {} : { schema: table.schema }), name: table.name },
    signal,
  );
  if (found.length === 0) return undefined;
  const types = new Map(
    found.map((row) => [
      String(row.column_name),
      { type: String(row.data_type), width: Number(row.character_maximum_length) || undefined },
    ]),
  );
  const columns: RedshiftColumn[] = [];
  const problems = essentialColumns.filter((name) => !types.has(name)).map((name) => `It has no column ${name}.`);
  for (const column of redshiftColumns) {
    const is = types.get(column.name);
    if (is === undefined) continue;
    if (acceptedTypes[column.kind].includes(is.type)) columns.push({ ...column, width: column.width && is.width });
    else problems.push(`The column ${column.name} is ${is.type}; expected ${typeOf(column)}.`);
  }
  if (problems.length > 0) throw tableMismatch(tableText(table), problems);
  return { columns, hasOthers: types.size > columns.length };
}
