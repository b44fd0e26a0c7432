import { UsageError } from '../../base/errors/mlops-error.js';

/** The name of a table that may be put into SQL. Only `parseTableName` makes one. */
export interface TableName {
  readonly schema: string | undefined;
  readonly name: string;
}

const identifier = /^[a-z_][a-z0-9_]{0,126}$/;
/** The same as text, for a schema of mlops.yaml: `table` or `schema.table`. 127 bytes are Redshift's limit. */
export const tableNamePattern = /^([a-z_][a-z0-9_]{0,126}\.)?[a-z_][a-z0-9_]{0,126}$/;

/** Tables that a load makes for itself, in either engine, and the ledger. */
const ownTables = /^mlops_(loads|staging|seen|before|winners|again|doubled|losers|stale|counts)$/;

/**
 * Reads `table` or `schema.table`. Upper case is refused instead of folded: the engines fold it differently.
 * Throws UsageError `TABLE_NAME_INVALID`.
 */
export function parseTableName(text: string): TableName {
  if (!tableNamePattern.test(text)) {
    throw new UsageError(`'${text}' is not the name of a table`, {
      code: 'TABLE_NAME_INVALID',
      why: 'Expected TABLE or SCHEMA.TABLE: each a lower-case letter or underscore, then at most 126 lower-case letters, digits and underscores.',
    });
  }
  const parts = text.split('.');
  if (ownTables.test(parts.at(-1) ?? '')) {
    throw new UsageError(`'${text}' is not the name of a table for transcripts`, {
      code: 'TABLE_NAME_INVALID',
      why: 'A table of mlops itself has this name.',
      actions: ['Choose another name: --table NAME'],
    });
  }
  return { schema: parts.length === 2 ? parts[0] : undefined, name: parts.at(-1) ?? '' };
}

/** A name in SQL: quoted always, because `timestamp` and others are words of some engine. Throws UsageError `IDENTIFIER_INVALID`. */
export function quoteIdentifier(name: string): string {
  if (!identifier.test(name)) {
    throw new UsageError(`'${name}' is not an SQL identifier`, {
      code: 'IDENTIFIER_INVALID',
      why: 'Expected a lower-case letter or underscore, then at most 126 lower-case letters, digits and underscores.',
    });
  }
  return `"${name}"`;
}

export function quoteTable({ schema, name }: TableName): string {
  return schema === undefined ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** Another table beside this one, such as the ledger. */
export function sibling(table: TableName, name: string): TableName {
  return { schema: table.schema, name };
}

export function tableText({ schema, name }: TableName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}
