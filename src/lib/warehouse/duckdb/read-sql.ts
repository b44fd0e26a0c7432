import type { SourceFormat } from '../sources/list.js';
import { quoteIdentifier } from '../sql/identifier.js';
import { type Column, type ColumnKind, mostRowBytes, recordColumns } from '../table.js';
import {
  andThen,
  type ColumnSql,
  instant,
  notFinite,
  orError,
  quoted,
  requiredProblems,
  writtenNumber,
} from './column-sql.js';
import { columnType } from './ddl.js';
import { parquetColumn } from './parquet-sql.js';

/** A column of a file: its name, and of Parquet what DuckDB reads it as. */
export interface FileColumn {
  readonly name: string;
  readonly type?: string | undefined;
}

/**
 * SELECT of the columns from files whose names are the first parameter. Every column has its type: nothing is guessed from
 * the first rows, and what does not fit is an error.
 * @param header of CSV and Parquet: the columns of the files, in their order
 * @param more to be selected after the columns
 */
export function readSql(
  format: SourceFormat,
  columns: readonly Column[],
  header: readonly FileColumn[],
  ...more: readonly string[]
): string {
  const list = [...columnsOf(format, columns, header).map(orError), ...more].join(',\n');
  const reader = format === 'jsonl' ? readJson(columns) : format === 'csv' ? readCsv(header) : readParquet();
  return `SELECT ${list} FROM ${reader}`;
}

export function columnsOf(
  format: SourceFormat,
  columns: readonly Column[],
  header: readonly FileColumn[],
): readonly ColumnSql[] {
  if (format === 'jsonl') return columns.map(jsonColumn);
  if (format === 'csv') return columns.map(csvColumn);
  const types = new Map(header.map(({ name, type }) => [name, type]));
  return columns.map((column) => parquetColumn(column, types.get(column.name) ?? ''));
}

function readJson(columns: readonly Column[]): string {
  const typed = columns.map(({ name, kind }) => `${quoteIdentifier(name)}: '${readAs(kind)}'`);
  return `read_json($1, columns = {${typed.join(', ')}}, format = 'newline_delimited', auto_detect = false, ${jsonLimits})`;
}

/** With room for a line end, which DuckDB counts as well. What is too long was refused when the rows were counted. */
const jsonLimits = `hive_partitioning = false, maximum_object_size = ${mostRowBytes + 1024}`;

/** By position: the caller looks at the header, and gives every file of one call the same. Names not ours may be any. */
function readCsv(header: readonly FileColumn[]): string {
  const typed = header.map((_, at) => `'${positioned(at)}': 'VARCHAR'`);
  const texts = header.map((_, at) => `'${positioned(at)}'`);
  const ours = new Set(recordColumns.map(({ name }) => name));
  const aliases = header.map(({ name }, at) => (ours.has(name) ? quoteIdentifier(name) : positioned(at)));
  return `read_csv($1, columns = {${typed.join(', ')}}, force_not_null = [${texts.join(', ')}], header = true,
    auto_detect = false, strict_mode = true, delim = ',', quote = '"', escape = '"', hive_partitioning = false,
    max_line_size = ${mostRowBytes}, buffer_size = ${2 * mostRowBytes}) AS csv(${aliases.join(', ')})`;
}

function positioned(at: number): string {
  return `c${at}`;
}

function readParquet(): string {
  return 'read_parquet($1, hive_partitioning = false)';
}

/**
 * A reader's own cast drops the offset of an instant, rounds 16000.5 to a whole number, makes 1 of true and an id of a number, all
 * without a word: these come as they are in the file and are cast here.
 */
function readAs(kind: ColumnKind): string {
  if (kind === 'timestamp') return 'VARCHAR';
  return kind === 'id' || kind === 'seconds' || kind === 'integer' ? 'JSON' : columnType(kind);
}

function jsonColumn(column: Column): ColumnSql {
  const raw = quoted(column);
  if (column.kind === 'id') return jsonId(column, raw);
  const required = requiredProblems(column, raw);
  if (column.kind === 'timestamp') return withProblems(required, instant(column.name, raw, raw));
  // JSON as text is as it is in the file: a text has its quotes.
  if (column.kind === 'seconds' || column.kind === 'integer') {
    return writtenNumber(column, raw, `${raw}::VARCHAR`, true);
  }
  const { name } = column;
  if (column.kind !== 'json') return { name, raw, problems: required, value: raw };
  const text = `nullif(${raw} ->> '$', '')`;
  const isText = `starts_with(${raw}::VARCHAR, '"')`;
  return {
    ...{ name, raw },
    problems: [
      { when: andThen(isText, `NOT json_valid(${text}) OR ${notFinite(text).when}`), why: 'is no JSON' },
      notFinite(`${raw}::VARCHAR`),
    ],
    value: `CASE WHEN ${isText} THEN ${text}::JSON ELSE ${raw} END`,
  };
}

function jsonId(column: Column, raw: string): ColumnSql {
  const value = `(${raw} ->> '$')`;
  const noText = { when: `NOT starts_with(${raw}::VARCHAR, '"')`, why: 'is no text' };
  return { name: column.name, raw, problems: [...requiredProblems(column, value), noText], value };
}

function csvColumn(column: Column): ColumnSql {
  const raw = quoted(column);
  // CSV has no null: nothing between two commas is the empty text, and for other types no value.
  const value = `nullif(${raw}, '')`;
  if (column.kind === 'timestamp') {
    return withProblems(requiredProblems(column, value), instant(column.name, raw, value));
  }
  if (column.kind === 'seconds' || column.kind === 'integer') return writtenNumber(column, raw, value, false);
  return { name: column.name, raw, problems: requiredProblems(column, raw), value: raw };
}

function withProblems(first: ColumnSql['problems'], column: ColumnSql): ColumnSql {
  return { ...column, problems: [...first, ...column.problems] };
}
