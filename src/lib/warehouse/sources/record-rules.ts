import { isUtf8 } from 'node:buffer';
import { isJson } from '../../base/text/json.js';
import { shownText } from '../shown-text.js';
import { type Column, endsWithBlank, maxIdBytes, mostRowBytes, recordColumns, rowTooLong } from '../table.js';
import { isBlank } from './byte-lines.js';
import { readInstant } from './instant.js';
import { doubledMember } from './json-members.js';

/** Members of a record; in CSV all are text. */
export type Values = Readonly<Record<string, unknown>>;

/** A line of JSON lines: the object in it, or why there is none. Undefined for an empty line, which is no record. */
export function readLine(line: Buffer): { readonly values: Values } | { readonly why: string } | undefined {
  if (isBlank(line)) return undefined;
  if (line.length > mostRowBytes) return { why: rowTooLong(line.length) };
  if (!isUtf8(line)) return { why: 'It is not UTF-8.' };
  const text = line.toString('utf8');
  if (text.startsWith('\u{feff}')) return { why: 'It begins with a byte order mark, which JSON does not have.' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const isSpread = /^\s*[[{]\s*$/.test(text);
    return { why: isSpread ? 'A record is one line of JSON, and here it goes on over several.' : 'It is no JSON.' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { why: 'It is JSON, but no object.' };
  const doubled = doubledMember(text);
  return doubled === undefined ? { values: value as Values } : { why: `It has the member ${doubled} twice.` };
}

/** Why a line of JSON lines is no record; undefined when it may be one. The same rules as the SQL in duckdb/read-sql.ts. */
export function whyBadLine(line: Buffer): string | undefined {
  const read = readLine(line);
  if (read === undefined || 'why' in read) return read?.why;
  return whyBadMembers(read.values) ?? (hasHalfCharacter(read.values) ? 'It has half a character in it.' : undefined);
}

/** Why members of JSON are no record. @param columns those that are loaded */
export function whyBadMembers(record: Values, columns: readonly Pick<Column, 'name' | 'kind'>[] = recordColumns) {
  const problem = whyBadKeys(record.id, record.timestamp);
  if (problem !== undefined) return problem;
  for (const { name, kind } of columns) {
    const value = record[name];
    if (value === undefined || value === null) continue;
    const isNumber = kind === 'seconds' || kind === 'integer';
    if (isNumber && !isOf(kind, value)) return because(name, noNumber(kind), value);
    const instant = kind === 'timestamp' ? whyNoInstant(name, value) : undefined;
    if (instant !== undefined) return instant;
    if ((kind === 'text' || kind === 'words') && typeof value !== 'string') return because(name, 'is no text', value);
    if (kind === 'json' && typeof value === 'string' && value !== '' && !isJson(value))
      return because(name, 'is no JSON', value);
  }
  return undefined;
}

/** Why a row of CSV is no record. Its cells are text; an empty one has no value. */
export function whyBadRow(row: Values, columns: readonly Pick<Column, 'name' | 'kind'>[] = recordColumns) {
  const problem = whyBadKeys(row.id, row.timestamp);
  if (problem !== undefined) return problem;
  for (const { name, kind } of columns) {
    const text = row[name];
    if (typeof text !== 'string' || text === '') continue;
    const instant = kind === 'timestamp' ? whyNoInstant(name, text) : undefined;
    if (instant !== undefined) return instant;
    if (kind !== 'seconds' && kind !== 'integer') continue;
    if (!written.test(text) || !isOf(kind, Number(text))) return because(name, noNumber(kind), text);
  }
  return undefined;
}

const mostShown = 60;

/** A problem of a value, and the value: enough to find it with an editor. */
export function because(name: string, why: string, value: unknown): string {
  return `Its ${name} ${why}: ${shownText(typeof value === 'object' ? JSON.stringify(value) : String(value), mostShown)}`;
}

function whyBadKeys(id: unknown, timestamp: unknown): string | undefined {
  if (id === undefined || id === null || id === '') return 'It has no id.';
  // Of two numbers that no double holds JavaScript makes one.
  if (typeof id !== 'string') return because('id', 'is no text', id);
  if (id.endsWith(' ')) return endsWithBlank;
  const bytes = Buffer.byteLength(id);
  if (bytes > maxIdBytes) return `Its id has ${bytes} bytes, the table takes ${maxIdBytes}.`;
  if (timestamp === undefined || timestamp === null || timestamp === '') return 'It has no timestamp.';
  return whyNoInstant('timestamp', timestamp);
}

/** A number in CSV, as RE2 and JavaScript both read it. */
export const numberPattern = String.raw`-?\d+(\.\d+)?([eE][+-]?\d+)?`;
const written = new RegExp(`^(?:${numberPattern})$`);

export function noNumber(kind: Column['kind']): string {
  return kind === 'integer' ? 'is no whole number of 4 bytes' : 'is no number';
}

function isOf(kind: 'seconds' | 'integer', value: unknown): boolean {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  return kind === 'seconds' || (value === Math.trunc(value) && value >= -(2 ** 31) && value < 2 ** 31);
}

function whyNoInstant(name: string, value: unknown): string | undefined {
  const read = readInstant(value);
  return 'why' in read ? because(name, read.why, value) : undefined;
}

function hasHalfCharacter(value: unknown): boolean {
  if (typeof value === 'string') return !value.isWellFormed();
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => !name.isWellFormed() || hasHalfCharacter(inner));
}
