import { formatCount } from '../../base/units.js';
import { HttpProblem } from '../http/problem.js';
import type { RowShape, Rows } from './row-shape.js';

/**
 * Any parsed JSON value -> rows, or a 400 that says what was expected, what was found and where. Columns and rows are
 * counted from 1. Throws HttpProblem: 400, and 413 for more rows than `maxRows`.
 */
export function validateRows(value: unknown, shape: RowShape): Rows {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    bad(`The body is ${describe(value)}`, shape);
  }
  if (!Object.hasOwn(value, 'array')) bad(`The body has no 'array', it has ${keysOf(value)}`, shape);
  const { array } = value as { array: unknown };
  if (!Array.isArray(array)) bad(`'array' is ${describe(array)}`, shape);
  if (array.length === 0) bad(`'array' is empty`, shape);
  return Array.isArray(array[0]) ? manyRows(array, shape) : oneRow(array, shape);
}

function oneRow(row: readonly unknown[], shape: RowShape): Rows {
  const nested = row.findIndex((item) => Array.isArray(item));
  if (nested !== -1) {
    bad(`'array' mixes numbers and rows: element ${nested + 1} is ${describe(row[nested])}`, shape);
  }
  const values = new Float32Array(shape.features);
  fillRow(values, 0, row, undefined, shape);
  return { values, count: 1 };
}

function manyRows(rows: readonly unknown[], shape: RowShape): Rows {
  if (rows.length > shape.maxRows) throw tooManyRows(shape);
  const values = new Float32Array(rows.length * shape.features);
  for (let index = 0; index < rows.length; index++) {
    const row: unknown = rows[index];
    if (!Array.isArray(row)) bad(`'array' mixes rows and other things: row ${index + 1} is ${describe(row)}`, shape);
    fillRow(values, index * shape.features, row, index, shape);
  }
  return { values, count: rows.length };
}

function fillRow(
  values: Float32Array,
  offset: number,
  row: readonly unknown[],
  index: number | undefined,
  shape: RowShape,
): void {
  if (row.length !== shape.features) {
    const subject = index === undefined ? `'array'` : `Row ${index + 1}`;
    bad(`${subject} has ${row.length} element${row.length === 1 ? '' : 's'}, not ${shape.features}`, shape);
  }
  for (let column = 0; column < row.length; column++) {
    const item = row[column];
    if (typeof item !== 'number') bad(`${place(index, column, shape)} is ${describe(item)}, not a number`, shape);
    const value = Math.fround(item);
    if (!Number.isFinite(value)) {
      bad(`${place(index, column, shape)} is larger than a 32-bit float can hold (3.4e38)`, shape);
    }
    if (shape.wholeNumbers && !Number.isSafeInteger(item)) {
      bad(`${place(index, column, shape)} is ${item}, and the model takes whole numbers`, shape);
    }
    values[offset + column] = value;
  }
}

export function tooManyRows({ maxRows }: RowShape): HttpProblem {
  return new HttpProblem(413, `More than ${formatCount(maxRows)} rows in one request, the limit serve.limits.queue`);
}

function bad(found: string, shape: RowShape): never {
  throw new HttpProblem(400, `${found}. ${expected(shape)}`);
}

/** What a client should have sent. */
export function expected({ features }: RowShape): string {
  const numbers = `[${features} number${features === 1 ? '' : 's'}]`;
  return `Expected {"array": ${numbers}}, or {"array": [${numbers}, ...]} for several rows`;
}

function place(index: number | undefined, column: number, { featureNames }: RowShape): string {
  const name = featureNames?.[column];
  const where = `column ${column + 1}${name === undefined ? '' : ` (${name})`}`;
  return index === undefined ? `Column ${where.slice('column '.length)}` : `Row ${index + 1}, ${where}`;
}

/** A JSON value in a few words, however large or deep it is. */
function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string')
    return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  return String(value);
}

function keysOf(value: object): string {
  const keys = Object.keys(value);
  if (keys.length === 0) return 'no keys at all';
  const shown = keys.slice(0, 5).map((key) => JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}…` : key));
  return `${shown.join(', ')}${keys.length > shown.length ? ', ...' : ''}`;
}
