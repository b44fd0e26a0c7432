import { quoteIdentifier, quoteTable, sibling, type TableName } from '../sql/identifier.js';
import { type ColumnKind, ledgerTable, recordColumns } from '../table.js';

const types: Readonly<Record<ColumnKind, string>> = {
  id: 'VARCHAR',
  text: 'VARCHAR',
  words: 'VARCHAR',
  timestamp: 'TIMESTAMP',
  seconds: 'DOUBLE',
  integer: 'INTEGER',
  json: 'JSON',
};

/** The type of a column in DuckDB. VARCHAR(50) is the same to it as VARCHAR: our check of ids counts the bytes. */
export function columnType(kind: ColumnKind): string {
  return types[kind];
}

/** Types that a column of a table made before may have. */
export const acceptedTypes: Readonly<Record<ColumnKind, readonly string[]>> = {
  id: ['VARCHAR'],
  text: ['VARCHAR'],
  words: ['VARCHAR'],
  timestamp: ['TIMESTAMP', 'TIMESTAMP WITH TIME ZONE'],
  seconds: ['DOUBLE'],
  integer: ['INTEGER', 'BIGINT'],
  json: ['JSON', 'VARCHAR'],
};

/** What `init` runs: again it does nothing. */
export function duckDbDdl(table: TableName): readonly string[] {
  const columns = recordColumns.map(({ name, kind, isRequired }) => {
    const type = kind === 'id' ? 'VARCHAR(50)' : columnType(kind);
    return `  ${quoteIdentifier(name)} ${type}${isRequired ? ' NOT NULL' : ''}`;
  });
  const ledger = [
    'load_id VARCHAR NOT NULL',
    'table_name VARCHAR NOT NULL',
    'loaded_at TIMESTAMP NOT NULL',
    ...['files', 'bytes', 'rows_in_files', 'staged', 'duplicates', 'stale', 'inserted', 'updated'].map(
      (name) => `${name} BIGINT NOT NULL`,
    ),
    'statement_id VARCHAR',
    'PRIMARY KEY (table_name, load_id)',
  ].map((line) => `  ${line}`);
  return [
    ...(table.schema === undefined ? [] : [`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(table.schema)}`]),
    `CREATE TABLE IF NOT EXISTS ${quoteTable(table)} (\n${columns.join(',\n')}\n)`,
    `CREATE TABLE IF NOT EXISTS ${quoteTable(sibling(table, ledgerTable))} (\n${ledger.join(',\n')}\n)`,
  ];
}
