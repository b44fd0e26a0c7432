import { mostRowBytes, rowTooLong } from '../table.js';
import { csvCounter } from './csv-counter.js';
import type { SourceFormat } from './list.js';

/** Counts the rows of a text format while its bytes pass by, without looking into them. */
export interface RowCounter {
  push(chunk: Uint8Array): void;
  /** Call it once, after the last chunk: a last line needs no line end. */
  rows(): number;
  /** The first thing that makes the rows uncountable, or countable in several ways. Ask after `rows`. */
  problem(): RowProblem | undefined;
}

export interface RowProblem {
  /** Line of the file in which the row begins, from 1. */
  readonly line: number;
  readonly why: string;
}

const newline = 0x0a;
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
  let line = 1;
  let bytes = 0;
  let problem: RowProblem | undefined;
  // A reader takes what fits into its buffers, which may be more.
  const measure = () => {
    if (bytes > mostRowBytes) problem ??= { line, why: rowTooLong(bytes) };
  };
  return {
    push(chunk) {
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
    rows() {
      measure();
      return rows + Number(hasContent);
    },
    problem: () => problem,
  };
}
