import { createHash } from 'node:crypto';
import { endsWithBlank } from '../../table.js';
import { maxTextBytes, type RedshiftColumn } from '../columns.js';
import { utcTimestamp } from './instant.js';
import { whyNoSuper } from './super.js';

/** A record ready for COPY: one line of JSON that fits the staging table. */
export interface ReadyRow {
  readonly json: string;
  /** Bytes of the text as it is staged. */
  readonly textBytes: number;
  readonly isCut: boolean;
  /** Whether a SUPER of it is longer, as text, than what Redshift can move between nodes. */
  readonly isWide: boolean;
}

/** What COPY takes as one JSON object: https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-format.html */
const maxRowBytes = 4 * 2 ** 20;

/** Why a record cannot be loaded, as the end of a message. */
export class NoRecord extends Error {}

/**
 * Checks a record and brings it into the form of the columns: instants in UTC, a text that is too long for its column cut
 * between two characters. Throws NoRecord.
 * @param values members of a JSON object, or the cells of a row by their column (all text then)
 * @param place number of the row in the load, which tells rows apart that are the same
 */
export function readyRow(
  values: Readonly<Record<string, unknown>>,
  columns: readonly RedshiftColumn[],
  place: number,
): ReadyRow {
  const row: Record<string, unknown> = {};
  let textBytes = 0;
  let isCut = false;
  let isWide = false;
  for (const column of columns) {
    const { name, kind } = column;
    if (kind === 'flag' || name === 'text_bytes') continue;
    const value = convert(values[name], column);
    if (value === undefined) {
      if (column.isRequired) throw new NoRecord(`It has no ${name}.`);
      continue;
    }
    row[name] = value;
    if (kind === 'json') isWide ||= Buffer.byteLength(JSON.stringify(value)) > maxTextBytes;
    if (name !== 'text') continue;
    const whole = String(value);
    const fits = cutText(whole, column.width ?? maxTextBytes);
    const bytes = Buffer.byteLength(whole);
    isCut = fits !== whole;
    textBytes = isCut ? Buffer.byteLength(fits) : bytes;
    row.text = fits;
    if (columns.some((other) => other.name === 'text_truncated')) row.text_truncated = isCut;
    if (columns.some((other) => other.name === 'text_bytes')) row.text_bytes = bytes;
  }
  const digest = createHash('sha256').update(JSON.stringify(row)).digest('hex');
  const json = JSON.stringify({ ...row, row_no: place, row_digest: digest });
  const bytes = Buffer.byteLength(json);
  if (bytes > maxRowBytes) throw new NoRecord(`It has ${bytes} bytes; Redshift takes ${maxRowBytes} as one record.`);
  return { json, textBytes, isCut, isWide };
}

/** The most whole characters that fit into so many bytes of UTF-8. */
export function cutText(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  // A byte 10xxxxxx goes on with the character before it.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

function convert(value: unknown, column: RedshiftColumn): unknown {
  const { name, kind, width = 0 } = column;
  if (value === undefined || value === null) return undefined;
  switch (kind) {
    case 'timestamp': {
      if (value === '') return undefined;
      const utc = typeof value === 'string' ? utcTimestamp(value) : undefined;
      if (utc === undefined) throw new NoRecord(`Its ${name} is no instant such as 2026-01-31T12:00:00Z.`);
      return utc;
    }
    case 'seconds':
    case 'integer':
      return value === '' ? undefined : toNumber(value, name, kind === 'integer');
    case 'json':
      return value === '' ? undefined : document(typeof value === 'string' ? parsed(value, name) : value, name);
    default: {
      if (typeof value === 'object') throw new NoRecord(`Its ${name} is no text.`);
      const text = String(value);
      if (text === '' && kind === 'id') return undefined;
      if (kind === 'id' && text.endsWith(' ')) throw new NoRecord(endsWithBlank);
      if (!text.isWellFormed()) throw new NoRecord(`Its ${name} has half a character in it.`);
      if (text.includes('\0'))
        throw new NoRecord(`Its ${name} has the character NUL in it, which Redshift does not take.`);
      const bytes = Buffer.byteLength(text);
      if (kind !== 'text' && bytes > width)
        throw new NoRecord(`Its ${name} has ${bytes} bytes, the table takes ${width}.`);
      return text;
    }
  }
}

function toNumber(value: unknown, name: string, isInteger: boolean): number {
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new NoRecord(`Its ${name} is no number.`);
  if (isInteger && !(Number.isInteger(number) && Math.abs(number) < 2 ** 31)) {
    throw new NoRecord(`Its ${name} is no whole number of 4 bytes.`);
  }
  return number;
}

function document(value: unknown, name: string): unknown {
  const why = whyNoSuper(value);
  if (why !== undefined) throw new NoRecord(`Its ${name} has ${why}.`);
  return value;
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NoRecord(`Its ${name} is no JSON.`);
  }
}
