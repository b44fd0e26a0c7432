import { CsvQuotes } from './csv-quotes.js';
import type { SourceFormat } from './list.js';

/** Counts the rows of a text format while its bytes pass by, as fast as they come. */
export interface RowCounter {
  push(chunk: Uint8Array): void;
  /** Call it once, after the last chunk: a last line needs no line end. */
  end(): Counted;
}

export interface Counted {
  readonly rows: number;
  /** The first row that not every reader takes for the same one. */
  readonly bad?: { readonly line: number; readonly why: string } | undefined;
  /** JSON lines with what looks like a comma behind a last member, which some readers take. It may stand in a text. */
  readonly mayHaveLooseCommas?: boolean;
}

const newline = 0x0a;
const carriageReturn = 0x0d;
const comma = 0x2c;
const closings = [0x5d, 0x7d] as const;
const space = 0x20;
const byteOrderMark = [0xef, 0xbb, 0xbf] as const;

/** Undefined for Parquet, which has its number of rows in its footer. */
export function createRowCounter(format: SourceFormat): RowCounter | undefined {
  if (format === 'jsonl') return lineCounter();
  return format === 'csv' ? recordCounter() : undefined;
}

/** Lines with something on them: an empty line between records is none. */
function lineCounter(): RowCounter {
  let rows = 0;
  let hasContent = false;
  const commas = looseCommas();
  return {
    push(chunk) {
      commas.push(chunk);
      for (let start = 0; ; ) {
        const end = chunk.indexOf(newline, start);
        const stop = end === -1 ? chunk.length : end;
        // Nearly always the first byte decides.
        for (let at = start; at < stop && !hasContent; at += 1) hasContent = (chunk[at] ?? 0) > space;
        if (end === -1) return;
        if (hasContent) rows += 1;
        hasContent = false;
        start = end + 1;
      }
    },
    end: () => ({ rows: rows + Number(hasContent), mayHaveLooseCommas: commas.seen() }),
  };
}

/** Looks before each closing bracket only: there are few, and the search for them is the engine's own. */
function looseCommas() {
  let isSeen = false;
  /** The last byte of the chunks before that is no blank. */
  let before = 0;
  const lastSolid = (chunk: Uint8Array, from: number) => {
    for (let at = from; at >= 0; at -= 1) if ((chunk[at] ?? 0) > space) return chunk[at] ?? 0;
    return before;
  };
  return {
    push(chunk: Uint8Array): void {
      for (const closing of closings) {
        for (let at = chunk.indexOf(closing); at !== -1 && !isSeen; at = chunk.indexOf(closing, at + 1))
          isSeen = lastSolid(chunk, at - 1) === comma;
      }
      before = lastSolid(chunk, chunk.length - 1);
    },
    seen: () => isSeen,
  };
}

/** RFC 4180: a line end between quotes belongs to its value. The header is no row. */
function recordCounter(): RowCounter {
  const quotes = new CsvQuotes();
  let records = 0;
  let hasContent = false;
  let seen = 0;
  let line = 1;
  let begin = 1;
  let bad: Counted['bad'];
  const look = () => {
    const why = bad === undefined ? quotes.why() : undefined;
    if (why !== undefined) bad = { line: begin, why };
  };
  return {
    push(chunk) {
      for (const byte of chunk) {
        if (seen < byteOrderMark.length && byte === byteOrderMark[seen]) {
          seen += 1;
          continue;
        }
        seen = byteOrderMark.length;
        quotes.push(byte);
        if (byte !== newline && byte !== carriageReturn) hasContent = true;
        if (byte !== newline) continue;
        line += 1;
        if (quotes.isQuoted) continue;
        look();
        records += Number(hasContent);
        hasContent = false;
        begin = line;
      }
    },
    end() {
      quotes.end();
      look();
      return { rows: Math.max(0, records + Number(hasContent) - 1), bad };
    },
  };
}
