import { isJson } from '../../base/text/json.js';
import { shownText } from '../shown-text.js';
import { endsWithBlank, maxIdBytes, recordColumns } from '../table.js';
import { instantPattern, noNumber, numberPattern } from './column-sql.js';
import { mostRowBytes } from './read-sql.js';

/** Why a line of JSON lines is no record; undefined when it may be one. The same rules as in read-sql.ts. */
export function whyBadLine(line: Uint8Array): string | undefined {
  if (line.length > mostRowBytes) return `It has ${line.length} bytes; a record may have ${mostRowBytes}.`;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return 'It is not UTF-8.';
  }
  if (text.startsWith('\u{feff}')) return 'It begins with a byte order mark, which JSON does not have.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const isSpread = /^\s*[[{]\s*$/.test(text);
    return isSpread ? 'A record is one line of JSON, and here it goes on over several.' : 'It is no JSON.';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'It is JSON, but no object.';
  return whyBadMembers(value as Record<string, unknown>) ?? whyBadText(value);
}

function whyBadMembers(record: Readonly<Record<string, unknown>>): string | undefined {
  const problem = whyBadKeys(record.id, record.timestamp);
  if (problem !== undefined) return problem;
  for (const { name, kind } of recordColumns) {
    const value = record[name];
    if (value === undefined || value === null) continue;
    const isNumber = kind === 'seconds' || kind === 'integer';
    if (isNumber && !isOf(kind, value)) return because(name, noNumber(kind), value);
    if (kind === 'timestamp' && !isInstant(value)) return because(name, noInstant, value);
    if ((kind === 'text' || kind === 'words') && typeof value === 'object') return because(name, 'is no text', value);
    if (kind === 'json' && typeof value === 'string' && value !== '' && !isJson(value))
      return because(name, 'is no JSON', value);
  }
  return undefined;
}

/** Why a row of CSV is no record. Its cells are text; an empty one has no value. */
export function whyBadRow(row: Readonly<Record<string, string | undefined>>): string | undefined {
  const problem = whyBadKeys(row.id, row.timestamp);
  if (problem !== undefined) return problem;
  for (const { name, kind } of recordColumns) {
    const text = row[name];
    if (text === undefined || text === '') continue;
    if (kind === 'timestamp' && !isInstant(text)) return because(name, noInstant, text);
    if (kind !== 'seconds' && kind !== 'integer') continue;
    if (!written.test(text) || !isOf(kind, Number(text))) return because(name, noNumber(kind), text);
  }
  return undefined;
}

/** A problem of a value, and the value: enough to find it with an editor. */
export function because(name: string, why: string, value: unknown): string {
  return `Its ${name} ${why}: ${shownText(typeof value === 'object' ? JSON.stringify(value) : String(value), mostShown)}`;
}

const mostShown = 60;
export const noInstant = 'is no instant such as 2026-01-31T12:00:00Z';

function whyBadKeys(id: unknown, timestamp: unknown): string | undefined {
  if (id === undefined || id === null || id === '') return 'It has no id.';
  if (typeof id === 'object') return because('id', 'is no text', id);
  if (String(id).endsWith(' ')) return endsWithBlank;
  const bytes = Buffer.byteLength(String(id));
  if (bytes > maxIdBytes) return `Its id has ${bytes} bytes, the table takes ${maxIdBytes}.`;
  if (timestamp === undefined || timestamp === null || timestamp === '') return 'It has no timestamp.';
  return isInstant(timestamp) ? undefined : because('timestamp', noInstant, timestamp);
}

function isOf(kind: 'seconds' | 'integer', value: unknown): boolean {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  return kind === 'seconds' || (value === Math.trunc(value) && value >= -(2 ** 31) && value < 2 ** 31);
}

const written = new RegExp(`^(?:${numberPattern})$`);
const instant = new RegExp(`^(?:${instantPattern})$`);

function isInstant(value: unknown): boolean {
  if (typeof value !== 'string' || !instant.test(value)) return false;
  const day = value.slice(0, 10);
  const time = Date.parse(day);
  // 30 February would be a day of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

function whyBadText(value: unknown): string | undefined {
  return hasHalfCharacter(value) ? 'It has half a character in it.' : undefined;
}

function hasHalfCharacter(value: unknown): boolean {
  if (typeof value === 'string') return !value.isWellFormed();
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) => !name.isWellFormed() || hasHalfCharacter(inner));
}
