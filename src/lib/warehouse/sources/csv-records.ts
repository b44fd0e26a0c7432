import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { CsvQuotes } from './csv-quotes.js';

export interface CsvRecord {
  /** Line of the file it begins in, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** Why it is none; undefined when its quotes are in order. */
  readonly why: string | undefined;
}

/** The records of a file. For DuckDB only its header and its bad rows: loading is DuckDB's own. */
export function csvRecords(path: string, isGzip: boolean): AsyncGenerator<CsvRecord> {
  return csvRecordsOf(textChunks(path, isGzip));
}

/** RFC 4180, record by record; empty lines are none. */
export async function* csvRecordsOf(chunks: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  const quotes = new CsvQuotes();
  let fields: string[] = [];
  let field = '';
  let line = 1;
  let begin = 1;
  for await (const chunk of chunks) {
    for (const char of chunk) {
      quotes.push(char.charCodeAt(0));
      if (char === '\n') line += 1;
      // Quotes stay in until the value is whole: a doubled one is told from two that close and open there.
      if (quotes.isQuoted || (char !== ',' && char !== '\n')) field += char;
      else {
        fields.push(unquoted(field));
        field = '';
        if (char === ',') continue;
        if (fields.length > 1 || fields[0] !== '') yield { line: begin, fields, why: quotes.why() };
        fields = [];
        begin = line;
      }
    }
  }
  if (field === '' && fields.length === 0) return;
  quotes.end();
  yield { line: begin, fields: [...fields, unquoted(field)], why: quotes.why() };
}

/** The names of the columns; empty for an empty file. */
export async function csvHeader(path: string, isGzip: boolean): Promise<readonly string[]> {
  for await (const { fields } of csvRecords(path, isGzip)) return fields;
  return [];
}

function unquoted(field: string): string {
  const text = field.replace(/\r$/, '');
  return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1).replaceAll('""', '"') : text;
}

/** The content as text, in chunks that never cut a character. */
async function* textChunks(path: string, isGzip: boolean): AsyncGenerator<string> {
  const bytes = createReadStream(path);
  const plain = isGzip ? bytes.pipe(createGunzip()) : bytes;
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of plain) yield decoder.decode(chunk as Uint8Array, { stream: true });
}
