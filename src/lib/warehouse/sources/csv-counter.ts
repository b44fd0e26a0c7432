import type { RowCounter, RowProblem } from './row-counter.js';

const newline = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
const comma = 0x2c;
const byteOrderMark = [0xef, 0xbb, 0xbf];

/** Where the next byte stands: at the first of a value, in a value, between quotes, after a quote that may close, after a return. */
type Place = 'begin' | 'plain' | 'quoted' | 'closing' | 'return';

/**
 * Counts the records of CSV, and holds them to RFC 4180: what that does not allow, each reader guesses in its own way (DuckDB drops
 * blanks around quotes, and a comma too many at the end of a line). A line end between quotes belongs to its value; a doubled quote
 * is one; an empty line is no record; the header is no row.
 */
export function csvCounter(): RowCounter {
  let place: Place = 'begin';
  let marks = 0;
  let line = 1;
  let begin = 1;
  let fields = 1;
  let hasContent = false;
  let records = 0;
  let width = 0;
  let hasReturns: boolean | undefined;
  let problem: RowProblem | undefined;

  const refuse = (why: string) => {
    problem ??= { line: begin, why };
  };
  const countRecord = () => {
    if (!hasContent) return;
    records += 1;
    if (width === 0) width = fields;
    else if (fields !== width) refuse(`It has ${fields} values, the header names ${width} columns.`);
  };
  const endLine = () => {
    const hasReturn = place === 'return';
    hasReturns ??= hasReturn;
    if (hasReturn !== hasReturns)
      refuse('Its line end is another one than that of the lines before: LF and CR LF are mixed.');
    countRecord();
    place = 'begin';
    fields = 1;
    hasContent = false;
    begin = line;
  };
  const take = (byte: number) => {
    if (place === 'return') refuse('A carriage return stands in it without quotes.');
    if (byte === carriageReturn) {
      place = 'return';
      return;
    }
    hasContent = true;
    if (byte === comma) {
      fields += 1;
      place = 'begin';
    } else if (byte === quote) {
      if (place === 'plain') refuse('A quote stands in a value that is not in quotes.');
      place = 'quoted';
    } else {
      if (place === 'closing') refuse('A value goes on after its quotes; within them a quote is doubled.');
      place = 'plain';
    }
  };

  return {
    push(chunk) {
      for (let at = 0; at < chunk.length; at += 1) {
        const byte = chunk[at] ?? 0;
        // Nearly every byte: no mark is greater than a comma.
        if (byte > comma && (place === 'plain' || place === 'quoted')) continue;
        if (marks < byteOrderMark.length) {
          marks = byte === byteOrderMark[marks] ? marks + 1 : byteOrderMark.length;
          if (byte >= 0x80) continue;
        }
        if (byte === newline) line += 1;
        if (place !== 'quoted') {
          if (byte === newline) endLine();
          else take(byte);
        } else if (byte === quote) place = 'closing';
      }
    },
    rows() {
      if (place === 'quoted') refuse('A quote is opened and never closed.');
      countRecord();
      return Math.max(0, records - 1);
    },
    problem: () => problem,
  };
}
