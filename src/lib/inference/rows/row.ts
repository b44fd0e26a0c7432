import { UsageError } from '../../base/errors/mlops-error.js';
import { formatSize } from '../../base/units.js';
import type { InputType } from '../tensors.js';

/** What a model's rows have to look like. */
export interface RowShape {
  readonly features: number;
  readonly featureNames?: readonly string[];
  readonly inputType: InputType;
}

/** Where in the input a value stands, for messages: line, row of a line that holds several, and column, from 1. */
export interface Place {
  readonly line: number;
  readonly row?: number;
  readonly column?: number;
  readonly name?: string;
}

export interface Row {
  readonly values: readonly number[];
  readonly line: number;
}

/** Turns text into rows as it comes in. `push` and `end` throw UsageError (`INVALID_ROWS`) with the place. */
export interface RowParser {
  push(text: string): Iterable<Row>;
  end(): Iterable<Row>;
}

export function invalidRows(place: Place, problem: string): UsageError {
  const { line, row, column, name } = place;
  const where = [`line ${line}`, row && `row ${row}`, column && `column ${column}`].filter(Boolean).join(', ');
  return new UsageError(`Cannot read the input: ${where}${name === undefined ? '' : ` (${name})`}: ${problem}`, {
    code: 'INVALID_ROWS',
    why: 'Every row should hold one finite number for each column of the model.',
  });
}

export function recordTooLong(line: number, limit: number): UsageError {
  return invalidRows({ line }, `longer than the limit of ${formatSize(limit)} for one record or JSON document`);
}

/** Checks that a number fits the model. Rows travel as float32. */
export function checkedNumber(value: number, shape: RowShape, place: Place): number {
  if (!Number.isFinite(value)) throw invalidRows(place, 'not a finite number');
  const single = Math.fround(value);
  if (!Number.isFinite(single)) throw invalidRows(place, `${value} is too large for float32`);
  if (shape.inputType === 'int64' && (!Number.isInteger(value) || single !== value)) {
    throw invalidRows(place, `${value} is not a whole number up to 2^24, which this model takes`);
  }
  return value;
}

export function checkedLength(found: number, shape: RowShape, place: Place): void {
  if (found === shape.features) return;
  throw invalidRows(place, `${found} ${found === 1 ? 'value' : 'values'}, the model takes ${shape.features}`);
}

/** At most 60 characters of foreign text, without control characters. */
export function excerpt(text: string): string {
  const plain = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return plain.length > 60 ? `${plain.slice(0, 60)}...` : plain;
}
