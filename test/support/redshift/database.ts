import { PGlite, type Results } from '@electric-sql/pglite';
import { positional, type SqlToken } from '../../../src/lib/warehouse/redshift/sql-scan.js';
import { type CopySource, runCopy } from './copy.js';
import { createTable } from './create-table.js';
import { type CheckedSql, checkGrammar } from './grammar.js';
import { FailedSql, type LoadError, RefusedSql } from './refused.js';

const asText = (value: string) => value;
/** Values stay what the server wrote, as Redshift would have written it. */
const parsers = Object.fromEntries([20, 1082, 1114, 1184, 1700, 3802].map((oid) => [oid, asText]));

/** The views of Redshift that are asked, on PostgreSQL. */
export const catalog = `
  CREATE VIEW svv_columns AS
    SELECT table_schema, table_name, column_name,
      CASE udt_name WHEN 'jsonb' THEN 'super' WHEN 'bpchar' THEN 'character varying' ELSE data_type END AS data_type,
      CAST(col_description(format('%I.%I', table_schema, table_name)::regclass, ordinal_position) AS INTEGER) AS character_maximum_length
    FROM information_schema.columns;
  CREATE TABLE sys_load_error_detail (session_id INTEGER, start_time TIMESTAMP, file_name VARCHAR, line_number BIGINT,
    column_name VARCHAR, error_message VARCHAR);
`;

/** One database that answers as Redshift does, as far as the grammar of grammar.ts goes. */
export class RedshiftDatabase {
  readonly #pg: PGlite;
  readonly #source: CopySource;
  /** Of every session at its begin: ALTER USER .. SET timezone. */
  timezone = 'UTC';

  private constructor(pg: PGlite, source: CopySource) {
    this.#pg = pg;
    this.#source = source;
  }

  static async create(source: CopySource): Promise<RedshiftDatabase> {
    const pg = await PGlite.create();
    await pg.exec(catalog);
    return new RedshiftDatabase(pg, source);
  }

  async close(): Promise<void> {
    await this.#pg.close();
  }

  /** PostgreSQL itself, for a test to look or to prepare; nothing is checked. */
  async raw(sql: string): Promise<Record<string, unknown>[]> {
    const results = await this.#pg.exec(sql);
    return (results.at(-1)?.rows ?? []) as Record<string, unknown>[];
  }

  /** Statements of one session, one after the other, in one transaction; `between` may end it. Throws FailedSql. */
  async transaction(
    sqls: readonly string[],
    parameters: Readonly<Record<string, string>>,
    pid: number,
    between: (at: number) => Promise<void> = async () => {},
  ): Promise<Results<unknown[]>[]> {
    const results: Results<unknown[]>[] = [];
    await this.#pg.exec(`SET timezone TO '${this.timezone}'; BEGIN`);
    try {
      for (const [at, sql] of sqls.entries()) {
        await between(at);
        results.push(await this.#run(sql, parameters));
      }
      await between(sqls.length);
      await this.#pg.exec('COMMIT');
      return results;
    } catch (error) {
      await this.#pg.exec('ROLLBACK');
      if (error instanceof FailedSql) await this.#noteLoadErrors(error.loadErrors, pid);
      throw error;
    } finally {
      // What is temporary ends with its session.
      await this.#pg.exec('DISCARD TEMP');
    }
  }

  async #run(sql: string, parameters: Readonly<Record<string, string>>): Promise<Results<unknown[]>> {
    const checked = checkGrammar(sql);
    try {
      if (checked.kind === 'copy') return await this.#copy(checked);
      if (checked.kind === 'merge') await this.#refuseWide(checked.tokens);
      const [text, values] = positional(await this.#translate(checked, sql), parameters);
      if (text === '') return { rows: [], fields: [], affectedRows: 0 };
      return await this.#pg.query<unknown[]>(text, values, { rowMode: 'array', parsers });
    } catch (error) {
      if (error instanceof RefusedSql || error instanceof FailedSql || !(error instanceof Error)) throw error;
      const long = /value too long for type character varying\(\d+\)/.exec(error.message);
      throw new FailedSql(`ERROR: ${long?.[0] ?? error.message}`);
    }
  }

  async #translate({ kind, tokens }: CheckedSql, sql: string): Promise<string> {
    if (kind === 'create user') return `CREATE ROLE ${tokens[2]?.text} LOGIN`;
    if (kind === 'create table as') return sql.replace(/DISTKEY\s*\([^)]*\)/i, '');
    if (kind !== 'create table') return sql;
    const { name, isOptional, statements } = createTable(tokens);
    const found = await this.#pg.query<{ is: string | null }>('SELECT to_regclass($1) AS is', [name]);
    if (found.rows[0]?.is !== null && isOptional) return '';
    for (const statement of statements.slice(0, -1)) await this.#pg.exec(statement);
    return statements.at(-1) ?? '';
  }

  async #copy({ tokens }: CheckedSql): Promise<Results<unknown[]>> {
    const rows = await runCopy(this.#pg, tokens, this.#source);
    return { rows: [], fields: [], affectedRows: rows };
  }

  /** A SUPER travels in a MERGE as a VARCHAR: known from the field, not documented. */
  async #refuseWide(tokens: readonly SqlToken[]): Promise<void> {
    const source = tokens[tokens.findIndex(({ text }) => text.toLowerCase() === 'using') + 1]?.text ?? '';
    const { rows } = await this.#pg.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND atttypid = 'jsonb'::regtype`,
      [source],
    );
    for (const { name } of rows) {
      const wide = await this.#pg.query(`SELECT 1 FROM ${source} WHERE octet_length("${name}"::text) > 65535 LIMIT 1`);
      if (wide.rows.length > 0)
        throw new FailedSql('ERROR: 8001 DETAIL: String value exceeds the max size of 65535 bytes');
    }
  }

  async #noteLoadErrors(errors: readonly LoadError[], pid: number): Promise<void> {
    for (const { file, line, column, message } of errors) {
      await this.#pg.query(
        `INSERT INTO sys_load_error_detail VALUES ($1, (now() AT TIME ZONE 'UTC'), $2, $3, $4, $5)`,
        [pid, file, line, column, message],
      );
    }
  }
}
