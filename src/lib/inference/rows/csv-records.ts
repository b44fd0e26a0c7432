import { invalidRows, recordTooLong } from './row.js';

/** A record without an end, such as one after a stray quote, may not collect the whole input in memory. */
const maxLength = 4 * 2 ** 20;

export interface CsvRecord {
  readonly cells: readonly string[];
  /** Line of the record's first character, from 1. */
  readonly line: number;
}

/**
 * Splits CSV text into records as it comes in (RFC 4180: quoted cells may hold delimiters, line ends and doubled
 * quotes). Empty lines are skipped.
 */
export class CsvSplitter {
  readonly #delimiter: string;
  /** What is not yet a whole record. */
  #rest = '';
  #line = 1;

  constructor(delimiter = ',') {
    this.#delimiter = delimiter;
  }

  *push(text: string): Generator<CsvRecord> {
    this.#rest += text;
    let start = 0;
    for (let end = this.#endOfRecord(start); end >= 0; end = this.#endOfRecord(start)) {
      yield* this.#record(this.#rest.slice(start, end));
      start = end + 1;
    }
    this.#rest = this.#rest.slice(start);
    if (this.#rest.length > maxLength) throw recordTooLong(this.#line, maxLength);
  }

  *end(): Generator<CsvRecord> {
    const last = this.#rest;
    this.#rest = '';
    yield* this.#record(last);
  }

  /** Index of the line feed that ends the record; line feeds inside quotes do not. -1 when it is not there yet. */
  #endOfRecord(start: number): number {
    let from = start;
    for (;;) {
      const lineEnd = this.#rest.indexOf('\n', from);
      const quote = this.#rest.indexOf('"', from);
      if (quote < 0 || (lineEnd >= 0 && lineEnd < quote)) return lineEnd;
      const closing = this.#rest.indexOf('"', quote + 1);
      if (closing < 0) return -1;
      from = closing + 1;
    }
  }

  *#record(text: string): Generator<CsvRecord> {
    const line = this.#line;
    const content = text.endsWith('\r') ? text.slice(0, -1) : text;
    this.#line += 1;
    if (content.trim() === '') return;
    if (!content.includes('"')) {
      yield { cells: content.split(this.#delimiter), line };
      return;
    }
    this.#line += content.split('\n').length - 1;
    yield { cells: this.#quotedCells(content, line), line };
  }

  #quotedCells(content: string, line: number): string[] {
    const cells: string[] = [];
    let position = 0;
    for (;;) {
      if (content[position] === '"') {
        const { text, next } = this.#quotedCell(content, position, line, cells.length + 1);
        cells.push(text);
        position = next;
      } else {
        const end = content.indexOf(this.#delimiter, position);
        cells.push(content.slice(position, end < 0 ? undefined : end));
        position = end < 0 ? content.length : end;
      }
      if (position >= content.length) return cells;
      position += 1;
    }
  }

  #quotedCell(content: string, start: number, line: number, column: number): { text: string; next: number } {
    const closing = /"((?:[^"]|"")*)"/y;
    closing.lastIndex = start;
    const match = closing.exec(content);
    const next = closing.lastIndex;
    if (match === null || (next < content.length && content[next] !== this.#delimiter)) {
      throw invalidRows({ line, column }, 'a quoted cell does not end where the next one begins');
    }
    return { text: (match[1] ?? '').replaceAll('""', '"'), next };
  }
}
