import { extname } from 'node:path';
import { csvRowParser } from './csv-rows.js';
import { jsonRowParser } from './json-rows.js';
import type { RowParser, RowShape } from './row.js';

export const rowFormats = ['csv', 'tsv', 'json', 'jsonl'] as const;
export type RowFormat = (typeof rowFormats)[number];

const byExtension: ReadonlyMap<string, RowFormat> = new Map([
  ['.csv', 'csv'],
  ['.tsv', 'tsv'],
  ['.json', 'json'],
  ['.jsonl', 'jsonl'],
  ['.ndjson', 'jsonl'],
]);

/** The format that a file's name says, undefined for any other extension and for stdin (`-`). */
export function formatOfName(path: string): RowFormat | undefined {
  return byExtension.get(extname(path).toLowerCase());
}

/** A parser for the format; without one the first character decides: `{` or `[` is JSON, anything else CSV. */
export function rowParser(format: RowFormat | undefined, shape: RowShape): RowParser {
  if (format === undefined) return sniffingParser(shape);
  if (format === 'csv' || format === 'tsv') return csvRowParser(shape, format === 'tsv' ? '\t' : ',');
  return format === 'jsonl' ? jsonRowParser(shape, { lines: true }) : jsonRowParser(shape);
}

function sniffingParser(shape: RowShape): RowParser {
  let parser: RowParser | undefined;
  let start = '';
  return {
    push(text) {
      if (parser !== undefined) return parser.push(text);
      start += text;
      const first = /\S/.exec(start)?.[0];
      if (first === undefined) return [];
      parser = rowParser(first === '{' || first === '[' ? 'json' : 'csv', shape);
      return parser.push(start);
    },
    end: () => parser?.end() ?? [],
  };
}
