import type { NamedStatement, SqlTransport } from '../../../src/lib/warehouse/redshift/transport/types.js';
import { type CopySource, copiedObjects, parseCopy } from './copy.js';
import { createTable } from './create-table.js';
import { checkGrammar } from './grammar.js';

/**
 * The transport, to a PostgreSQL that stands for Redshift: what is to run is checked against Redshift's grammar, tables are
 * made of PostgreSQL's types, and COPY is an INSERT of the rows that it would read. Everything else goes through as it is.
 * @param before SQL to run before the statement of this name, for a test to hold it there
 */
export function onPostgres(
  sql: SqlTransport,
  source: CopySource,
  before: Readonly<Record<string, string>> = {},
): SqlTransport {
  return {
    ...sql,
    async transaction(statements, parameters, options) {
      const translated: NamedStatement[] = [];
      const values: Record<string, string> = { ...parameters };
      for (const { name, sql: text } of statements) {
        const sqls = [
          ...(before[name] === undefined ? [] : [before[name]]),
          ...(await translate(text, source, values)),
        ];
        translated.push(...sqls.map((each) => ({ name, sql: each })));
      }
      return await sql.transaction(translated, values, options);
    },
  };
}

async function translate(sql: string, source: CopySource, values: Record<string, string>): Promise<readonly string[]> {
  const { kind, tokens } = checkGrammar(sql);
  if (kind === 'create table as') return [sql.replace(/DISTKEY\s*\([^)]*\)/i, '')];
  if (kind === 'create table') {
    const { isOptional, statements } = createTable(tokens);
    return statements.map((each) => (isOptional ? each.replace(/^CREATE TABLE/, 'CREATE TABLE IF NOT EXISTS') : each));
  }
  if (kind !== 'copy') return [sql];
  const { table, names, manifestUrl } = parseCopy(tokens);
  const rows: unknown[] = [];
  for await (const { text } of copiedObjects(manifestUrl, source))
    rows.push(...text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown])));
  values.copied_rows = JSON.stringify(rows);
  const columns = names.map((name) => `"${name}"`).join(', ');
  const from = `jsonb_populate_recordset(CAST(NULL AS ${table}), CAST(:copied_rows AS JSONB))`;
  return [`INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${from}`];
}
