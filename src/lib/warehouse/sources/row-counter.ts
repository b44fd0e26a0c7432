import type { SourceFormat } from './list.js';

/** Counts the rows of a text format while its bytes pass by, without looking into them. */
export interface RowCounter {
  push(chunk: Uint8Array): void;
  /** Call it once, after the last chunk: a last line needs no line end. */
  rows(): number;
}

const newline = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
const space = 0x20;

/** Undefined for Parquet, which has its number of rows in its footer. */
export function createRowCounter(format: SourceFormat): RowCounter | undefined {
  if (format === 'jsonl') return lineCounter();
  return format === 'csv' ? recordCounter() : undefined;
}

/** Lines with something on them: an empty line between records is none. */
function lineCounter(): RowCounter {
  let rows = 0;
  let hasContent = false;
  return {
    push(chunk) {
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
    rows: () => rows + Number(hasContent),
  };
}

/** RFC 4180: a line end between quotes belongs to its value; a doubled quote closes and opens again. The header is no row. */
function recordCounter(): RowCounter {
  let records = 0;
  let isQuoted = false;
  let hasContent = false;
  return {
    push(chunk) {
      for (let at = 0; at < chunk.length; at += 1) {
        const byte = chunk[at];
        if (byte === quote) isQuoted = !isQuoted;
        if (byte !== newline && byte !== carriageReturn) hasContent = true;
        else if (byte === newline && !isQuoted) {
          records += Number(hasContent);
          hasContent = false;
        }
      }
    },
    rows: () => Math.max(0, records + Number(hasContent) - 1),
  };
}
