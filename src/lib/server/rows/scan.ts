import type { RowPool } from './row-pool.js';
import type { RowShape, Rows } from './row-shape.js';
import { tooManyRows } from './validate.js';

/** A decimal of at most 15 digits divided by a power of ten up to 10^22 is the exactly rounded double (Clinger 1990). */
const maxDigits = 15;
const powersOfTen = Array.from({ length: maxDigits + 1 }, (_, exponent) => 10 ** exponent);
const prefix = '{"array":';

const space = 32;
const comma = 44;
const minus = 45;
const point = 46;
const zero = 48;
const nine = 57;
const open = 91;
const close = 93;
const closeBrace = 125;

/**
 * Reads `{"array": [...]}` straight from the bytes into float32, without building the arrays that `JSON.parse` would:
 * the fast path of the bodies that well-behaved clients send. Whatever is unusual (another key, an exponent, 16 digits,
 * a wrong number of columns, an error) gives undefined, and is left to `JSON.parse`, which also finds the words for it.
 * Throws HttpProblem (413) for more rows than `maxRows`, without reading on.
 */
export function scanRows(bytes: Uint8Array, shape: RowShape, pool: RowPool): Rows | undefined {
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix.charCodeAt(i)) return undefined;
  let at = skipSpace(bytes, prefix.length);
  if (bytes[at] !== open) return undefined;
  at = skipSpace(bytes, at + 1);
  const many = bytes[at] === open;
  const most = many ? mostRows(bytes.length - at, shape) : 1;
  const { features, wholeNumbers } = shape;
  const values = many ? new Float32Array(most * features) : pool.take();
  let count = 0;
  if (many) {
    do {
      at = skipSpace(bytes, count === 0 ? at : at + 1);
      if (bytes[at] !== open) return undefined;
      if (count === shape.maxRows) throw tooManyRows(shape);
      if (count === most) return undefined;
      at = scanRow(bytes, at + 1, values, count * features, features, wholeNumbers);
      if (at < 0) return undefined;
      count++;
      at = skipSpace(bytes, at);
    } while (bytes[at] === comma);
    if (bytes[at] !== close) return undefined;
    at++;
  } else {
    at = scanRow(bytes, at, values, 0, features, wholeNumbers);
    if (at < 0) return undefined;
    count = 1;
  }
  at = skipSpace(bytes, at);
  if (bytes[at] !== closeBrace || skipSpace(bytes, at + 1) !== bytes.length) return undefined;
  return { values: count === most ? values : values.slice(0, count * features), count };
}

/** Never more memory than the bytes can fill: a row is at least one digit and one separator per column, and a bracket. */
function mostRows(bytes: number, { features, maxRows }: RowShape): number {
  return Math.min(maxRows, Math.floor(bytes / (2 * features + 1)) + 1);
}

/**
 * The numbers of one row and the bracket that closes it. Returns the position behind it, -1 when it is no such row. One
 * loop over local variables on purpose: taken apart into a tokenizer it is slower than `JSON.parse`.
 */
function scanRow(
  bytes: Uint8Array,
  start: number,
  values: Float32Array,
  offset: number,
  features: number,
  wholeNumbers: boolean,
): number {
  let at = start;
  let byte = bytes[at] as number;
  for (let column = 0; column < features; column++) {
    while (byte <= space && isSpace(byte)) byte = bytes[++at] as number;
    const negative = byte === minus;
    if (negative) byte = bytes[++at] as number;
    const first = at;
    const leadingZero = byte === zero;
    let value = 0;
    while (byte >= zero && byte <= nine) {
      value = value * 10 + (byte - zero);
      byte = bytes[++at] as number;
    }
    let digits = at - first;
    if (digits === 0 || (leadingZero && digits > 1)) return -1;
    if (byte === point) {
      const firstDecimal = at + 1;
      byte = bytes[++at] as number;
      while (byte >= zero && byte <= nine) {
        value = value * 10 + (byte - zero);
        byte = bytes[++at] as number;
      }
      const decimals = at - firstDecimal;
      digits += decimals;
      if (decimals === 0 || digits > maxDigits || wholeNumbers) return -1;
      value /= powersOfTen[decimals] as number;
    }
    if (digits > maxDigits) return -1;
    values[offset + column] = negative ? -value : value;
    while (byte <= space && isSpace(byte)) byte = bytes[++at] as number;
    if (byte !== (column === features - 1 ? close : comma)) return -1;
    byte = bytes[++at] as number;
  }
  return at;
}

function skipSpace(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && isSpace(bytes[at] as number)) at++;
  return at;
}

/** The white space of RFC 8259 section 2. */
function isSpace(byte: number): boolean {
  return byte === space || byte === 10 || byte === 13 || byte === 9;
}
