import { quoteIdentifier, quoteTable, sibling, type TableName, tableText } from '../../sql/identifier.js';
import { ledgerTable } from '../../table.js';
import { type RedshiftColumn, typeOf } from '../columns.js';
import type { StagedLoad } from '../prepare/stage.js';
import type { Target } from '../target.js';
import type { NamedStatement, SqlParameters } from '../transport/types.js';
import { assertion } from './assertion.js';
import { copyStatement } from './copy-sql.js';

/** Statements whose failure has a meaning of its own. */
export const statementNames = { notYet: 'ledger', copy: 'COPY', unique: 'unique ids', check: 'check' } as const;

const staging = 'mlops_staging';
const losers = 'mlops_losers';
const before = 'mlops_before';
const stale = 'mlops_stale';
const counts = 'mlops_counts';

/**
 * Whether the row of staging `s` wins against the one of the target `b`: later, or at the same time the greater text. At the
 * same text too the target's stays, whatever its other columns hold. Redshift compares without blanks at the end, so
 * of two that are equal to it the longer one is the greater: https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
 */
const wins = `(b."timestamp" IS NULL OR s."timestamp" > b."timestamp" OR (s."timestamp" = b."timestamp"
  AND s."text" IS NOT NULL AND (b."text" IS NULL OR s."text" > b."text"
    OR (s."text" = b."text" AND OCTET_LENGTH(s."text") > OCTET_LENGTH(b."text")))))`;

export interface LoadPlan {
  readonly table: TableName;
  readonly target: Target;
  readonly loadId: string;
  readonly files: number;
  readonly bytes: number;
  readonly staged: StagedLoad;
  /** ARN of the role of COPY. */
  readonly role: string | undefined;
  /** `2026-01-31 12:00:00.000`, UTC. */
  readonly loadedAt: string;
}

/**
 * All of a load, to be run as one transaction.
 *
 * The lock comes before all that reads, because a transaction of Redshift sees the database as it was at its first statement that reads or
 * makes a table (https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html): of two loaders the second waits
 * there and then sees what the first has done. Only the ledger is locked: people go on reading the table.
 *
 * Whatever joins or sorts, does so without the SUPER columns, which Redshift moves between nodes as a VARCHAR of 65,535
 * bytes and refuses when they are longer.
 */
export function loadStatements(plan: LoadPlan): readonly NamedStatement[] {
  const { table, target, staged, role } = plan;
  const columns = target.columns.map(({ name }) => name);
  const into = quoteTable(table);
  const ledger = quoteTable(sibling(table, ledgerTable));
  const count = (name: string, from: string) => `INSERT INTO ${counts} SELECT '${name}', count(*) FROM ${from}`;
  const copy = {
    name: statementNames.copy,
    sql: copyStatement(staging, [...columns, ...technical], staged.manifest.url, role),
  };
  return [
    // Times become those of the column in the session's zone, and a user may have any: ALTER USER .. SET timezone.
    { name: 'time zone', sql: `SET timezone TO 'UTC'` },
    { name: 'lock', sql: `LOCK TABLE ${ledger}` },
    {
      name: statementNames.notYet,
      sql: assertion(
        'count(*) = 0',
        'mlops_already_loaded',
        `${ledger} WHERE load_id = :load_id AND table_name = :table_name`,
      ),
    },
    { name: 'staging table', sql: createStaging(target.columns) },
    // A manifest without entries is an error.
    ...(staged.manifest.entries.length > 0 ? [copy] : []),
    { name: 'counts', sql: `CREATE TEMP TABLE ${counts} (name VARCHAR(32), value BIGINT)` },
    { name: 'count', sql: count('staged', staging) },
    {
      name: 'count',
      sql: `INSERT INTO ${counts} SELECT 'text_bytes', COALESCE(SUM(OCTET_LENGTH("text")), 0) FROM ${staging}`,
    },
    { name: 'count', sql: count('before', into) },
    { name: 'duplicates', sql: findDuplicates },
    { name: 'duplicates', sql: count('duplicates', losers) },
    { name: 'duplicates', sql: `DELETE FROM ${staging} USING ${losers} WHERE ${staging}.row_no = ${losers}.row_no` },
    {
      name: 'rows there',
      sql: `CREATE TEMP TABLE ${before} AS SELECT t."id", t."timestamp", t."text" FROM ${into} t JOIN ${staging} s ON s."id" = t."id"`,
    },
    { name: statementNames.unique, sql: assertion('count(*) = count(DISTINCT "id")', 'mlops_not_unique', before) },
    {
      name: 'stale rows',
      sql: `CREATE TEMP TABLE ${stale} AS SELECT s.row_no FROM ${staging} s JOIN ${before} b ON b."id" = s."id" WHERE NOT ${wins}`,
    },
    { name: 'stale rows', sql: count('stale', stale) },
    { name: 'stale rows', sql: `DELETE FROM ${staging} USING ${stale} WHERE ${staging}.row_no = ${stale}.row_no` },
    { name: 'updates', sql: count('updated', `${staging} s JOIN ${before} b ON b."id" = s."id"`) },
    ...mergeStatements(plan, columns),
    { name: 'count', sql: count('after', into) },
    { name: 'ledger entry', sql: recordLoad(ledger) },
    { name: statementNames.check, sql: check(into, ledger) },
  ];
}

export function loadParameters({ table, loadId, files, bytes, staged, loadedAt }: LoadPlan): SqlParameters {
  return {
    load_id: loadId,
    table_name: tableText(table),
    loaded_at: loadedAt,
    files: String(files),
    bytes: String(bytes),
    rows_in_files: String(staged.rows),
    text_bytes: String(staged.textBytes),
  };
}

/** Columns of staging that the target does not have: which row it is, and what tells it from others. */
const technical = ['row_no', 'row_digest'] as const;

/** No column is NOT NULL or unique here: what is wrong is found by the check, which says more. */
function createStaging(columns: readonly RedshiftColumn[]): string {
  const list = columns.map((column) => `  ${quoteIdentifier(column.name)} ${typeOf(column)}`);
  return `CREATE TEMP TABLE ${staging} (\n${[...list, '  row_no BIGINT', '  row_digest VARCHAR(64)'].join(',\n')}\n) DISTKEY("id")`;
}

/** All rows but the one of each id that wins; at the same time and text the digest of what is loaded decides. Ids that are there once, nearly all of them, are never sorted. */
const findDuplicates = `CREATE TEMP TABLE ${losers} AS
SELECT row_no FROM (
  SELECT s.row_no, ROW_NUMBER() OVER (
    PARTITION BY s."id" ORDER BY s."timestamp" DESC, s."text" DESC NULLS LAST, OCTET_LENGTH(s."text") DESC, s.row_digest DESC, s.row_no
  ) AS place
  FROM ${staging} s JOIN (SELECT "id" FROM ${staging} GROUP BY "id" HAVING count(*) > 1) d ON d."id" = s."id"
) ranked WHERE place > 1`;

/**
 * MERGE of Redshift takes a plain table and no conditions: everything that is left in staging wins.
 * https://docs.aws.amazon.com/redshift/latest/dg/r_MERGE.html
 * A wide SUPER does not survive its join, so such a load takes the old rows away and inserts the new ones; a table with
 * columns of its own keeps their values only in a MERGE.
 */
function mergeStatements({ table, target, staged }: LoadPlan, columns: readonly string[]): readonly NamedStatement[] {
  const into = quoteTable(table);
  const names = columns.map(quoteIdentifier);
  if (staged.hasWide && !target.hasOthers) {
    return [
      { name: 'replace', sql: `DELETE FROM ${into} USING ${staging} WHERE ${into}."id" = ${staging}."id"` },
      { name: 'replace', sql: `INSERT INTO ${into} (${names.join(', ')}) SELECT ${names.join(', ')} FROM ${staging}` },
    ];
  }
  const updates = names.filter((name) => name !== '"id"').map((name) => `${name} = ${staging}.${name}`);
  return [
    {
      name: 'MERGE',
      sql: `MERGE INTO ${into} USING ${staging} ON ${into}."id" = ${staging}."id"
WHEN MATCHED THEN UPDATE SET ${updates.join(', ')}
WHEN NOT MATCHED THEN INSERT (${names.join(', ')}) VALUES (${names.map((name) => `${staging}.${name}`).join(', ')})`,
    },
  ];
}

const value = (name: string) => `COALESCE(SUM(CASE WHEN name = '${name}' THEN value END), 0)`;

/** Every figure is counted by itself: none is what the others leave over. */
function recordLoad(ledger: string): string {
  return `INSERT INTO ${ledger} (load_id, table_name, loaded_at, files, bytes, rows_in_files, staged, duplicates, stale, inserted, updated)
SELECT CAST(:load_id AS VARCHAR(64)), CAST(:table_name AS VARCHAR(255)), CAST(:loaded_at AS TIMESTAMP), CAST(:files AS BIGINT), CAST(:bytes AS BIGINT), CAST(:rows_in_files AS BIGINT),
  ${value('staged')}, ${value('duplicates')}, ${value('stale')}, ${value('after')} - ${value('before')}, ${value('updated')}
FROM ${counts}`;
}

/** The last statement: the five counts, the bytes of the texts, and that the table holds what was to be changed. */
function check(into: string, ledger: string): string {
  return assertion(
    `MAX(entries) = 1 AND MAX(adding_up) = 1 AND MAX(text_bytes) = CAST(:text_bytes AS BIGINT) AND MAX(held) = MAX(winners)`,
    'mlops_counts_do_not_add_up',
    `(
  SELECT count(*) AS entries,
    SUM(CASE WHEN rows_in_files = staged AND staged = duplicates + stale + inserted + updated THEN 1 ELSE 0 END) AS adding_up
  FROM ${ledger} WHERE load_id = :load_id AND table_name = :table_name
) entry CROSS JOIN (
  SELECT ${value('text_bytes')} AS text_bytes FROM ${counts}
) texts CROSS JOIN (
  SELECT count(*) AS winners FROM ${staging}
) winning CROSS JOIN (
  SELECT count(*) AS held FROM ${into} t JOIN ${staging} s ON s."id" = t."id" AND s."timestamp" = t."timestamp"
) holding`,
  );
}
