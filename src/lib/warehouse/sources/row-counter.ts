import { mostRowBytes, rowTooLong } from '../table.js';
import { csvCounter } from './csv-counter.js';
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
  readonly bad?: RowProblem | undefined;
  /** JSON lines with what looks like a comma behind a last member, which some readers take. It may stand in a text. */
  readonly mayHaveLooseCommas?: boolean;
}

export interface RowProblem {
  /** Line of the file in which the row begins, from 1. */
  readonly line: number;
  readonly why: string;
}

const newline = 0x0a;
const comma = 0x2c;
const closings = [0x5d, 0x7d] as const;
const space = 0x20;

/** Undefined for Parquet, which has its number of rows in its footer. */
export function createRowCounter(format: SourceFormat): RowCounter | undefined {
  if (format === 'jsonl') return lineCounter();
  return format === 'csv' ? csvCounter() : undefined;
}

/** Lines with something on them: an empty line between records is none. */
function lineCounter(): RowCounter {
  let rows = 0;
  let hasContent = false;
  const commas = looseCommas();
  let line = 1;
  let bytes = 0;
  let bad: RowProblem | undefined;
  // A reader takes what fits into its buffers, which may be more.
  const measure = () => {
    if (bytes > mostRowBytes) bad ??= { line, why: rowTooLong(bytes) };
  };
  return {
    push(chunk) {
      commas.push(chunk);
      for (let start = 0; ; ) {
        const end = chunk.indexOf(newline, start);
        const stop = end === -1 ? chunk.length : end;
        bytes += stop - start;
        // Nearly always the first byte decides.
        for (let at = start; at < stop && !hasContent; at += 1) hasContent = (chunk[at] ?? 0) > space;
        if (end === -1) return;
        if (hasContent) rows += 1;
        measure();
        hasContent = false;
        bytes = 0;
        line += 1;
        start = end + 1;
      }
    },
    end() {
      measure();
      return { rows: rows + Number(hasContent), bad, mayHaveLooseCommas: commas.seen() };
    },
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
