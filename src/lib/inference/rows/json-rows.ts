import { isJson } from '../../base/text/json.js';
import {
  checkedLength,
  checkedNumber,
  excerpt,
  invalidRows,
  type Place,
  type Row,
  type RowParser,
  type RowShape,
  recordTooLong,
} from './row.js';

/** One line or one document may not be longer: memory stays bounded whatever the input. */
const maxLength = 64 * 2 ** 20;

/**
 * Rows of JSON lines or of one JSON document, told apart by the first line unless `lines` says so: when it is a whole
 * JSON value by itself, so is every other line. A value is one row, a list of rows, or either of them as
 * `{"array": ...}`, the body of `POST /api`.
 */
export function jsonRowParser(shape: RowShape, options: { lines?: true } = {}): RowParser {
  let isLines: boolean | undefined = options.lines;
  let line = 1;
  /** What is not yet a whole line or document, in pieces: joining them again and again would take quadratic time. */
  let pending: string[] = [];
  let pendingLength = 0;

  function* push(text: string): Generator<Row> {
    let start = 0;
    while (isLines !== false) {
      const end = text.indexOf('\n', start);
      if (end < 0) break;
      keep(text.slice(start, end));
      start = end + 1;
      const content = pending.join('');
      if (content.trim() !== '') isLines ??= isJson(content);
      if (isLines === false) {
        keep('\n');
        break;
      }
      clear();
      yield* rowsOf(content, line);
      line += 1;
    }
    keep(text.slice(start));
  }

  function keep(text: string): void {
    pending.push(text);
    pendingLength += text.length;
    if (pendingLength > maxLength) throw recordTooLong(line, maxLength);
  }

  function clear(): void {
    pending = [];
    pendingLength = 0;
  }

  function* end(): Generator<Row> {
    const content = pending.join('');
    clear();
    yield* rowsOf(content, line);
  }

  function* rowsOf(text: string, at: number): Generator<Row> {
    if (text.trim() === '') return;
    const rows = asRows(parse(text, at), at);
    for (const [index, row] of rows.entries()) {
      const place = rows.length === 1 ? { line: at } : { line: at, row: index + 1 };
      yield { values: checkedRow(row, place, shape), line: at };
    }
  }

  return { push, end };
}

function parse(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidRows({ line }, `not JSON: ${excerpt(error instanceof Error ? error.message : String(error))}`);
  }
}

function asRows(value: unknown, line: number): readonly (readonly unknown[])[] {
  const content = typeof value === 'object' && value !== null && 'array' in value ? value.array : value;
  if (!Array.isArray(content)) {
    throw invalidRows({ line }, 'expected a list of numbers, a list of such lists, or either as {"array": ...}');
  }
  return content.length > 0 && content.every(Array.isArray) ? content : [content];
}

function checkedRow(values: readonly unknown[], at: Place, shape: RowShape): number[] {
  checkedLength(values.length, shape, at);
  return values.map((value, index) => {
    const name = shape.featureNames?.[index];
    const place = { ...at, column: index + 1, ...(name === undefined ? {} : { name }) };
    if (typeof value === 'number') return checkedNumber(value, shape, place);
    throw invalidRows(place, `${excerpt(JSON.stringify(value))} is not a number`);
  });
}
