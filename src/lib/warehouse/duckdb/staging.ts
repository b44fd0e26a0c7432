import { noCounts } from '../counts.js';
import { badRecord, countsDoNotAddUp } from '../errors.js';
import { csvHeader } from '../sources/csv-records.js';
import type { SourceFormat } from '../sources/list.js';
import { quoteIdentifier } from '../sql/identifier.js';
import { type Column, essentialColumns, maxIdBytes } from '../table.js';
import { type BadRecord, findBadRecord } from './bad-record.js';
import { columnType } from './ddl.js';
import { readSql } from './read-sql.js';
import type { ReadyFile } from './ready-file.js';
import type { Session } from './session.js';

/** A part of the load: temporary tables are held in memory, so a part has a size (spool.ts). */
export const staging = 'mlops_staging';

/** Anything that makes a row no record, as DuckDB sees it. */
const isBad = `id IS NULL OR id = '' OR strlen(id) > ${maxIdBytes} OR ends_with(id, ' ') OR "timestamp" IS NULL OR NOT isfinite("timestamp")`;
/**
 * A text that is an object or a list was one in the file, or somebody dictated JSON: only the file can tell. Also a text where
 * JSON is expected, which may have JSON in it.
 */
function isSuspicious(columns: readonly Column[]): string {
  return columns
    .flatMap(({ name, kind }) => {
      const column = quoteIdentifier(name);
      if (kind === 'json') return [`(starts_with(${column}::VARCHAR, '"') AND NOT json_valid(${column}->>'$'))`];
      if (kind !== 'id' && kind !== 'text' && kind !== 'words') return [];
      return [`((starts_with(${column}, '{') OR starts_with(${column}, '[')) AND json_valid(${column}))`];
    })
    .join(' OR ');
}

export async function createStaging(session: Session, columns: readonly Column[]): Promise<void> {
  const list = columns.map(({ name, kind }) => `${quoteIdentifier(name)} ${columnType(kind)}`);
  await session.run(`CREATE OR REPLACE TEMP TABLE ${staging} (${list.join(', ')})`);
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
  const counted = await countRows(session, files, format);
  let staged = 0;
  try {
    for (const group of await groupsOf(session, columns, files, format))
      staged += await stageGroup(session, group, format);
  } catch (error) {
    if (!(error instanceof Error) || !isAboutContent(error)) throw error;
    const found = await findBadRecord(files, format);
    throw found === undefined ? contentRefused(files, error) : refused(found, error);
  }
  if (staged === counted && (await areRecords(session, columns))) return counted;
  const found = await findBadRecord(files, format);
  if (found !== undefined) throw refused(found);
  if (staged !== counted) throw countsDoNotAddUp({ ...noCounts, rowsInFiles: counted, staged });
  if ((await session.count(`SELECT count(*) FROM ${staging} WHERE ${isBad}`)) > 0) {
    throw badRecord({ file: nameOf(files) }, 'A row has no id of at most 50 bytes, or no timestamp.');
  }
  return counted;
}

interface Group {
  readonly paths: readonly string[];
  readonly columns: readonly Column[];
  /** Of CSV. */
  readonly header: readonly string[];
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
  const groups = new Map<string, { paths: string[]; columns: readonly Column[]; header: readonly string[] }>();
  for (const { path, name, isGzip } of files) {
    const header = format === 'csv' ? await csvHeader(path, isGzip) : await parquetHeader(session, path);
    if (header.length === 0) continue;
    const lacking = essentialColumns.filter((column) => !header.includes(column));
    if (lacking.length > 0) throw badRecord({ file: name }, `It has no column ${lacking.join(', ')}.`);
    const key = JSON.stringify(header);
    const group = groups.get(key) ?? {
      paths: [],
      columns: columns.filter(({ name, isInCsv }) => header.includes(name) && (isInCsv || format === 'parquet')),
      header,
    };
    group.paths.push(path);
    groups.set(key, group);
  }
  return [...groups.values()];
}

async function parquetHeader(session: Session, path: string): Promise<readonly string[]> {
  const found = await session.rows('DESCRIBE SELECT * FROM read_parquet($1, hive_partitioning = false)', [[path]]);
  return found.map(({ column_name }) => String(column_name));
}

async function stageGroup(session: Session, { paths, columns, header }: Group, format: SourceFormat): Promise<number> {
  const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  return await session.run(`INSERT INTO ${staging} (${names}) ${readSql(format, columns, header)}`, [paths]);
}

async function countRows(session: Session, files: readonly ReadyFile[], format: SourceFormat): Promise<number> {
  if (format !== 'parquet') return files.reduce((sum, { rows = 0 }) => sum + rows, 0);
  return await session.count('SELECT coalesce(sum(num_rows), 0) FROM parquet_file_metadata($1)', [
    files.map(({ path }) => path),
  ]);
}

async function areRecords(session: Session, columns: readonly Column[]): Promise<boolean> {
  return (await session.count(`SELECT count(*) FROM ${staging} WHERE ${isBad} OR ${isSuspicious(columns)}`)) === 0;
}

function refused({ file, line, why }: BadRecord, cause?: unknown): Error {
  return badRecord({ file, line }, why, cause);
}

/** What DuckDB says of a file, without the paths of the spool, the settings of its reader and its advice to ignore errors. */
function contentRefused(files: readonly ReadyFile[], error: Error): Error {
  const [first = ''] = error.message.split('\n');
  const named = files.find(({ path }) => error.message.includes(path));
  const why = first.replace(/^[A-Za-z ]+ Error: /, '').replaceAll(named?.path ?? '\0', named?.name ?? '');
  return badRecord({ file: named?.name ?? nameOf(files) }, `DuckDB says: ${why}`, error);
}

function isAboutContent({ message }: Error): boolean {
  return /^(Invalid Input|Conversion|Binder|IO|Not implemented|Out of Range) Error/.test(message);
}

function nameOf(files: readonly ReadyFile[]): string {
  const [first] = files;
  return files.length === 1 && first !== undefined ? first.name : `One of ${files.length} files`;
}
