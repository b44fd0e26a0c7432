import type { SourceFormat } from '../sources/list.js';
import { quoteIdentifier } from '../sql/identifier.js';
import type { Column, ColumnKind } from '../table.js';
import { columnType } from './ddl.js';

/** Of one object of JSON and of one row of CSV, in bytes. */
export const mostRowBytes = 16 * 2 ** 20;

/**
 * SELECT of the columns from files whose names are the first parameter. Every column has its type: nothing is guessed from
 * the first rows, and what does not fit is an error.
 * @param header for CSV: the names of the file's columns, in its order
 */
export function readSql(format: SourceFormat, columns: readonly Column[], header: readonly string[] = []): string {
  const list = columns.map((column) => expression(format, column)).join(', ');
  const reader = format === 'jsonl' ? readJson(columns) : format === 'csv' ? readCsv(header) : readParquet();
  return `SELECT ${list} FROM ${reader}`;
}

function readJson(columns: readonly Column[]): string {
  const typed = columns.map(({ name, kind }) => `${quoteIdentifier(name)}: '${readAs(kind)}'`);
  return `read_json($1, columns = {${typed.join(', ')}}, format = 'newline_delimited', auto_detect = false, ${jsonLimits})`;
}

const jsonLimits = `hive_partitioning = false, maximum_object_size = ${mostRowBytes}`;

/** By position: the caller looks at the header, and gives every file of one call the same. Names not ours may be any. */
function readCsv(header: readonly string[]): string {
  const typed = header.map((_, at) => `'${csvColumn(at)}': 'VARCHAR'`);
  const texts = header.map((_, at) => `'${csvColumn(at)}'`);
  const aliases = header.map((name, at) => (isPlain(name) ? quoteIdentifier(name) : csvColumn(at)));
  return `read_csv($1, columns = {${typed.join(', ')}}, force_not_null = [${texts.join(', ')}], header = true,
    auto_detect = false, strict_mode = true, delim = ',', quote = '"', escape = '"', hive_partitioning = false,
    max_line_size = ${mostRowBytes}, buffer_size = ${2 * mostRowBytes}) AS csv(${aliases.join(', ')})`;
}

function csvColumn(at: number): string {
  return `c${at}`;
}

function isPlain(name: string): boolean {
  return /^[a-z_][a-z0-9_]*$/.test(name);
}

function readParquet(): string {
  return 'read_parquet($1, union_by_name = true, hive_partitioning = false)';
}

/**
 * A reader's own cast drops the offset of an instant, rounds 16000.5 to a whole number and makes 1 of true, all without a
 * word: these come as they are in the file and are cast here.
 */
function readAs(kind: ColumnKind): string {
  if (kind === 'timestamp') return 'VARCHAR';
  return kind === 'seconds' || kind === 'integer' ? 'JSON' : columnType(kind);
}

function expression(format: SourceFormat, { name, kind }: Column): string {
  const column = quoteIdentifier(name);
  const isText = kind === 'id' || kind === 'text' || kind === 'words';
  if (format === 'parquet') {
    return kind === 'timestamp' ? instant(name, `${column}::VARCHAR`) : `${column}::${columnType(kind)}`;
  }
  // CSV has no null: nothing between two commas is the empty text, and for other types no value.
  const value = format === 'csv' && !isText ? `nullif(${column}, '')` : column;
  if (kind === 'timestamp') return instant(name, value);
  if (kind === 'seconds' || kind === 'integer') return number(format, name, kind, value);
  return format === 'csv' && !isText ? `${value}::${columnType(kind)}` : value;
}

const time = String.raw`([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?`;
const offset = String.raw`Z|[+-]([01]\d|2[0-3])(:?[0-5]\d)?`;
/** What is an instant, as RE2 and JavaScript both read it: ISO 8601. DuckDB alone takes names of zones and offsets of days. */
export const instantPattern = String.raw`\d{4}-\d\d-\d\d([T ]${time})?(${offset})?`;

/** Text -> TIMESTAMP in UTC. What ends with Z, as all of ours does, takes the cast that is ten times faster. */
function instant(name: string, text: string): string {
  return `CASE WHEN NOT regexp_full_match(${text}, '${instantPattern}') THEN error('Its ${name} is no instant')
    WHEN suffix(${text}, 'Z') THEN ${text}::TIMESTAMP ELSE ${text}::TIMESTAMPTZ AT TIME ZONE 'UTC' END`;
}

function number(format: SourceFormat, name: string, kind: 'seconds' | 'integer', value: string): string {
  const tests = [
    ...(format === 'jsonl' ? [`json_type(${value}) NOT IN ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE', 'NULL')`] : []),
    ...(kind === 'integer' ? [`trunc(${value}::DOUBLE) <> ${value}::DOUBLE`] : []),
  ];
  const cast = `${value}::${columnType(kind)}`;
  if (tests.length === 0) return cast;
  return `CASE ${tests.map((test) => `WHEN ${test} THEN error('Its ${name} is no number')`).join(' ')} ELSE ${cast} END`;
}
