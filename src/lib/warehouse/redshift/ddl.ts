import { UsageError } from '../../base/errors/mlops-error.js';
import { quoteIdentifier, quoteTable, sibling, type TableName } from '../sql/identifier.js';
import { ledgerTable } from '../table.js';
import { redshiftColumns, typeOf } from './columns.js';

/**
 * The tables. Nothing here relies on a key, because Redshift enforces none. Rows lie by their id, so that what is loaded
 * meets what is there on its own node: a SUPER of more than 64 kB cannot travel between nodes in a join.
 * @param mayExist without it the statement for the table fails when another session has made it meanwhile
 */
export function redshiftDdl(table: TableName, { mayExist = true } = {}): readonly string[] {
  const columns = redshiftColumns.map((column) => {
    return `  ${quoteIdentifier(column.name)} ${typeOf(column)}${column.isRequired ? ' NOT NULL' : ''}`;
  });
  const counts = ['files', 'bytes', 'rows_in_files', 'staged', 'duplicates', 'stale', 'inserted', 'updated'];
  const ledger = [
    'load_id VARCHAR(64) NOT NULL',
    'table_name VARCHAR(255) NOT NULL',
    'loaded_at TIMESTAMP NOT NULL',
    ...counts.map((name) => `${name} BIGINT NOT NULL`),
    'statement_id VARCHAR(64)',
  ].map((line) => `  ${line}`);
  return [
    ...(table.schema === undefined ? [] : [`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(table.schema)}`]),
    `CREATE TABLE ${mayExist ? 'IF NOT EXISTS ' : ''}${quoteTable(table)} (\n${columns.join(',\n')}\n) DISTKEY("id")`,
    `CREATE TABLE IF NOT EXISTS ${quoteTable(sibling(table, ledgerTable))} (\n${ledger.join(',\n')}\n)`,
  ];
}

const user = /^[A-Za-z0-9_][A-Za-z0-9_+=,.@:/-]{0,126}$/;

/** A name of a user in SQL. Throws UsageError `LOADER_INVALID`. */
export function quoteUser(name: string): string {
  if (user.test(name)) return `"${name}"`;
  throw new UsageError(`'${name}' is not the name of a user of Redshift`, {
    code: 'LOADER_INVALID',
    why: 'Expected at most 127 letters, digits and _+=,.@:/-, such as IAMR:flight-delay-load.',
  });
}

/** For a user that logs in by IAM only: IAMR:ROLE for a role, IAM:USER for a user of IAM. */
export function createLoader(loader: string): string {
  return `CREATE USER ${quoteUser(loader)} PASSWORD DISABLE`;
}

/**
 * What a user needs to load: MERGE and the check read and write the table, LOCK takes UPDATE and DELETE on the ledger. COPY
 * needs INSERT on its own staging table only.
 */
export function grantsForLoader(table: TableName, loader: string): readonly string[] {
  const to = quoteUser(loader);
  const tables = [table, sibling(table, ledgerTable)].map(quoteTable).join(', ');
  return [
    `GRANT USAGE ON SCHEMA ${quoteIdentifier(table.schema ?? 'public')} TO ${to}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables} TO ${to}`,
  ];
}
