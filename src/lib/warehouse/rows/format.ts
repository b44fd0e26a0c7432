import type { QueryColumn, QueryValue } from '../types.js';
import { createTable } from './table.js';

export const rowFormats = ['table', 'json', 'jsonl', 'csv'] as const;
export type RowFormat = (typeof rowFormats)[number];

export type Row = readonly QueryValue[];

/** Rows -> text, part by part. */
export interface RowFormatter {
  part(rows: readonly Row[]): string;
  /** What comes after the last row. */
  end(): string;
}

/** @param width columns of the terminal that the text goes to, if it is one */
export function createFormatter(format: RowFormat, columns: readonly QueryColumn[], width?: number): RowFormatter {
  const names = columns.map(({ name }) => name);
  if (format === 'table') return createTable(names, width);
  if (format === 'csv') return csv(names);
  return format === 'json' ? jsonArray(names) : { part: (rows) => jsonLines(names, rows).join(''), end: () => '' };
}

function jsonLines(names: readonly string[], rows: readonly Row[]): string[] {
  return rows.map((row) => `${JSON.stringify(asObject(names, row))}\n`);
}

function asObject(names: readonly string[], row: Row): Record<string, QueryValue> {
  return Object.fromEntries(names.map((name, at) => [name, row[at] ?? null]));
}

function jsonArray(names: readonly string[]): RowFormatter {
  let before = '[\n';
  return {
    part(rows) {
      let text = '';
      for (const row of rows) {
        text += `${before}  ${JSON.stringify(asObject(names, row))}`;
        before = ',\n';
      }
      return text;
    },
    end: () => (before === '[\n' ? '[]\n' : '\n]\n'),
  };
}

/** RFC 4180 with plain line ends. Nothing for null, `""` for an empty text: who reads it can tell them apart. */
function csv(names: readonly string[]): RowFormatter {
  let header = `${names.map(quoted).join(',')}\n`;
  const take = () => {
    const text = header;
    header = '';
    return text;
  };
  return {
    part: (rows) => take() + rows.map((row) => `${row.map(csvCell).join(',')}\n`).join(''),
    end: take,
  };
}

function csvCell(value: QueryValue): string {
  if (value === null) return '';
  return value === '' ? '""' : quoted(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
