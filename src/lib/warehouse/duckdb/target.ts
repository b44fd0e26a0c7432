import { tableMismatch } from '../errors.js';
import { type TableName, tableText } from '../sql/identifier.js';
import { type Column, essentialColumns, recordColumns } from '../table.js';
import { acceptedTypes, columnType } from './ddl.js';
import type { Session } from './session.js';

/** The columns of the record that the table has, in the order of the record. Throws `TABLE_MISMATCH`. */
export async function targetColumns(session: Session, table: TableName): Promise<readonly Column[]> {
  const found = await session.rows(
    `SELECT column_name AS name, data_type AS type FROM duckdb_columns()
     WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2
       AND table_oid IN (SELECT table_oid FROM duckdb_tables() WHERE database_name = current_database())`,
    [table.schema ?? 'main', table.name],
  );
  const types = new Map(found.map(({ name, type }) => [String(name), String(type)]));
  if (types.size === 0) throw tableMismatch(tableText(table), ['It is a view, or no table.']);
  const columns = recordColumns.filter(({ name }) => types.has(name));
  const problems = [
    ...essentialColumns.filter((name) => !types.has(name)).map((name) => `It has no column ${name}.`),
    ...columns.flatMap(({ name, kind }) => {
      const type = types.get(name) ?? '';
      if (acceptedTypes[kind].includes(type)) return [];
      return [`The column ${name} is ${type}; expected ${columnType(kind)}.`];
    }),
  ];
  if (problems.length > 0) throw tableMismatch(tableText(table), problems);
  return columns;
}

/** Names of the tables among these that are there. */
export async function existingTables(session: Session, tables: readonly TableName[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { schema = 'main', name } of tables) {
    const count = await session.count(
      `SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = $1 AND table_name = $2`,
      [schema, name],
    );
    if (count > 0) found.push(name);
  }
  return found;
}
