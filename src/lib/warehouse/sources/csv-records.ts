import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

export interface CsvRecord {
  /** Line of the file it begins in, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** False when the file ends between quotes. */
  readonly isClosed: boolean;
}

/** The records of a file. */
function csvRecords(path: string, isGzip: boolean): AsyncGenerator<CsvRecord> {
  return csvRecordsOf(textChunks(path, isGzip));
}

/** RFC 4180, record by record; empty lines are none. */
export async function* csvRecordsOf(chunks: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  let fields: string[] = [];
  let field = '';
  let isQuoted = false;
  let line = 1;
  let begin = 1;
  for await (const chunk of chunks) {
    for (const char of chunk) {
      if (char === '"') isQuoted = !isQuoted;
      if (char === '\n') line += 1;
      // Quotes stay in until the value is whole: a doubled one is told from two that close and open there.
      if (isQuoted || (char !== ',' && char !== '\n')) field += char;
      else {
        fields.push(unquoted(field));
        field = '';
        if (char === ',') continue;
        if (fields.length > 1 || fields[0] !== '') yield { line: begin, fields, isClosed: true };
        fields = [];
        begin = line;
      }
    }
  }
  if (field === '' && fields.length === 0) return;
  yield { line: begin, fields: [...fields, unquoted(field)], isClosed: !isQuoted };
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
