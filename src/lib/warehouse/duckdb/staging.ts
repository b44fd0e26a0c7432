import { noCounts } from '../counts.js';
import { badRecord, countsDoNotAddUp } from '../errors.js';
import { csvHeader } from '../sources/csv-records.js';
import { whyBadHeader } from '../sources/header.js';
import type { SourceFormat } from '../sources/list.js';
import { numberPattern } from '../sources/record-rules.js';
import { quoteIdentifier } from '../sql/identifier.js';
import type { Column } from '../table.js';
import { findBadRecord, parquetHeader } from './bad-record.js';
import { andThen } from './column-sql.js';
import { columnType } from './ddl.js';
import { type FileColumn, readSql } from './read-sql.js';
import type { ReadyFile } from './ready-file.js';
import type { Session } from './session.js';

/** A part of the load: temporary tables are held in memory, so a part has a size (spool.ts). */
export const staging = 'mlops_staging';

/** Whether only the file can tell if a row is a record: see `isSuspicious`. */
const suspicion = 'is_suspicious';

/** A text that is JSON was a value of another kind in the file, or somebody dictated it: the reader gives both alike. */
function isSuspicious(columns: readonly Column[], format: SourceFormat): string {
  if (format !== 'jsonl') return 'FALSE';
  return columns
    .filter(({ kind }) => kind === 'text' || kind === 'words')
    .map(({ name }) => quoteIdentifier(name))
    .flatMap((column) => [
      andThen(`${beginsWith(column, '{')} OR ${beginsWith(column, '[')}`, `coalesce(json_valid(${column}), FALSE)`),
      andThen(`${column} >= '-' AND ${column} < ':'`, `regexp_full_match(${column}, '${numberPattern}')`),
      `${column} IN ('true', 'false', 'NaN', 'Infinity', '-Infinity')`,
    ])
    .join(' OR ');
}

/** Compares no more than the first bytes, which DuckDB keeps beside a text: a third of the time of starts_with. */
function beginsWith(column: string, char: string): string {
  const next = String.fromCodePoint(Number(char.codePointAt(0)) + 1);
  return `(${column} >= '${char}' AND ${column} < '${next}')`;
}

export async function createStaging(session: Session, columns: readonly Column[]): Promise<void> {
  const list = columns.map(({ name, kind }) => `${quoteIdentifier(name)} ${columnType(kind)}`);
  await session.run(`CREATE OR REPLACE TEMP TABLE ${staging} (${list.join(', ')}, ${suspicion} BOOLEAN)`);
}

/**
 * Takes the rows of the files in. Gives how many there are in the files, counted apart from the reader that staged them.
 * Throws `BAD_RECORD`, naming file and line, for anything that is no record.
 */
export async function stageFiles(
  session: Session,
  columns: readonly Column[],
  files: readonly ReadyFile[],
  format: SourceFormat,
): Promise<number> {
  let counted = 0;
  let staged = 0;
  try {
    counted = await countRows(session, files, format);
    for (const group of await groupsOf(session, columns, files, format))
      staged += await stageGroup(session, group, format);
  } catch (error) {
    if (!(error instanceof Error) || !isAboutContent(error, files)) throw error;
    // The failure has aborted the transaction, in which nothing can be asked any more. It is over anyhow.
    await session.run('ROLLBACK').catch(() => undefined);
    const found = await findBadRecord(session, columns, files, format);
    throw found === undefined ? contentRefused(files, error) : badRecord(found, found.why, error);
  }
  const suspicious = await session.count(`SELECT count(*) FROM ${staging} WHERE ${suspicion}`);
  if (staged === counted && suspicious === 0) return counted;
  const found = await findBadRecord(session, columns, files, format);
  if (found !== undefined) throw badRecord(found, found.why);
  if (staged !== counted) throw countsDoNotAddUp({ ...noCounts, rowsInFiles: counted, staged });
  return counted;
}

interface Group {
  readonly paths: readonly string[];
  readonly columns: readonly Column[];
  /** Of CSV and Parquet. */
  readonly header: readonly FileColumn[];
}

/** Files that can be read by one statement. Empty ones, which some readers refuse, hold nothing. */
async function groupsOf(
  session: Session,
  columns: readonly Column[],
  files: readonly ReadyFile[],
  format: SourceFormat,
): Promise<readonly Group[]> {
  if (format === 'jsonl')
    return files.length === 0 ? [] : [{ paths: files.map(({ path }) => path), columns, header: [] }];
  const groups = new Map<string, { paths: string[]; columns: readonly Column[]; header: readonly FileColumn[] }>();
  for (const { path, name, isGzip } of files) {
    const header: readonly FileColumn[] =
      format === 'csv' ? (await csvHeader(path, isGzip)).map((name) => ({ name })) : await parquetHeader(session, path);
    if (header.length === 0) continue;
    const names = header.map((column) => column.name);
    const why = whyBadHeader(names);
    if (why !== undefined) throw badRecord({ file: name }, why);
    const key = JSON.stringify(header);
    const group = groups.get(key) ?? {
      paths: [],
      columns: columns.filter(({ name, isInCsv }) => names.includes(name) && (isInCsv || format === 'parquet')),
      header,
    };
    group.paths.push(path);
    groups.set(key, group);
  }
  return [...groups.values()];
}

async function stageGroup(session: Session, { paths, columns, header }: Group, format: SourceFormat): Promise<number> {
  const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  return await session.run(
    `INSERT INTO ${staging} (${names}, ${suspicion}) ${readSql(format, columns, header, isSuspicious(columns, format))}`,
    [paths],
  );
}

async function countRows(session: Session, files: readonly ReadyFile[], format: SourceFormat): Promise<number> {
  if (format !== 'parquet') return files.reduce((sum, { rows = 0 }) => sum + rows, 0);
  return await session.count('SELECT coalesce(sum(num_rows), 0) FROM parquet_file_metadata($1)', [
    files.map(({ path }) => path),
  ]);
}

/** What DuckDB says of a file, without the paths of the spool, the settings of its reader and its advice to ignore errors. */
export function contentRefused(files: readonly ReadyFile[], error: Error): Error {
  const said = error.message.split('\n');
  const named = files.find(({ path }) => error.message.includes(path));
  // Of CSV it says the line first, which is only about right, then what is in it, and then what is wrong.
  const at = said.findIndex((text) => text.startsWith('Original Line:'));
  const first = (at >= 0 && said.slice(at + 1).find((text) => text !== '')) || said[0] || '';
  const why = first.replace(/^[A-Za-z ]+ Error: /, '').replaceAll(named?.path ?? '\0', named?.name ?? '');
  return badRecord({ file: named?.name ?? nameOf(files) }, `DuckDB says: ${why}`, error);
}

/** What is wrong with a file, and not with the disk or the memory of this machine. */
export function isAboutContent({ message }: Error, files: readonly ReadyFile[]): boolean {
  if (/^(Invalid Input|Conversion|Binder|Not implemented|Out of Range) Error/.test(message)) return true;
  return message.startsWith('IO Error') && files.some(({ path }) => message.includes(path));
}

function nameOf(files: readonly ReadyFile[]): string {
  const [first] = files;
  return files.length === 1 && first !== undefined ? first.name : `One of ${files.length} files`;
}
