import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { isJson } from '../../base/text/json.js';
import { csvRecords } from '../sources/csv-records.js';
import type { SourceFormat } from '../sources/list.js';
import { endsWithBlank, maxIdBytes, recordColumns } from '../table.js';
import { instantPattern } from './read-sql.js';
import type { ReadyFile } from './ready-file.js';

export interface BadRecord {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly why: string;
}

/**
 * The first row that is no record, in the order of the files. Only for a load that has failed already: DuckDB's own line
 * numbers are approximate, and its checks know neither our ids nor what is missing. Undefined when all look right from here.
 */
export async function findBadRecord(files: readonly ReadyFile[], format: SourceFormat): Promise<BadRecord | undefined> {
  for (const file of files) {
    const found = format === 'jsonl' ? await badLine(file) : format === 'csv' ? await badRow(file) : undefined;
    if (found !== undefined) return { file: file.name, ...found };
  }
  return undefined;
}

type Found = Omit<BadRecord, 'file'> | undefined;

async function badLine({ path, isGzip }: ReadyFile): Promise<Found> {
  const bytes = createReadStream(path);
  const lines = createInterface({ input: isGzip ? bytes.pipe(createGunzip()) : bytes, crlfDelay: Infinity });
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    const why = whyNoRecord(text);
    if (why !== undefined) return { line, why };
  }
  return undefined;
}

function whyNoRecord(text: string): string | undefined {
  if (text.startsWith('\u{feff}')) return 'It begins with a byte order mark, which JSON does not have.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const isSpread = /^\s*[[{]\s*$/.test(text);
    return isSpread ? 'A record is one line of JSON, and here it goes on over several.' : 'It is no JSON.';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'It is JSON, but no object.';
  return whyBadMembers(value as Record<string, unknown>) ?? whyBadText(text);
}

function whyBadMembers(record: Record<string, unknown>): string | undefined {
  const problem = whyBadKeys(record.id, record.timestamp);
  if (problem !== undefined) return problem;
  for (const { name, kind } of recordColumns) {
    const value = record[name];
    if (value === undefined || value === null) continue;
    const isNumber = kind === 'seconds' || kind === 'integer';
    if (isNumber && (typeof value !== 'number' || (kind === 'integer' && !Number.isInteger(value)))) {
      return `Its ${name} is no ${kind === 'integer' ? 'whole number' : 'number'}.`;
    }
    if (kind === 'timestamp' && !isInstant(value)) return `Its ${name} is no instant.`;
    if ((kind === 'text' || kind === 'words') && typeof value === 'object') return `Its ${name} is no text.`;
    if (kind === 'json' && typeof value === 'string' && value !== '' && !isJson(value))
      return `Its ${name} is no JSON.`;
  }
  return undefined;
}

function whyBadText(text: string): string | undefined {
  const values = Object.values(JSON.parse(text) as object);
  if (values.some((value) => typeof value === 'string' && !value.isWellFormed()))
    return 'It has half a character in it.';
  // What is no UTF-8 was decoded to this.
  return text.includes('\u{fffd}') ? 'It is not UTF-8.' : undefined;
}

async function badRow({ path, isGzip }: ReadyFile): Promise<Found> {
  let header: readonly string[] | undefined;
  for await (const { line, fields, isClosed } of csvRecords(path, isGzip)) {
    if (!isClosed) return { line, why: 'A quote is opened and never closed.' };
    if (header === undefined) {
      header = fields;
      continue;
    }
    if (fields.length !== header.length) {
      return { line, why: `It has ${fields.length} values, the header names ${header.length} columns.` };
    }
    const row = Object.fromEntries(header.map((name, at) => [name, fields[at]]));
    const why = whyBadKeys(row.id, row.timestamp) ?? whyBadCells(row);
    if (why !== undefined) return { line, why };
  }
  return undefined;
}

function whyBadCells(row: Readonly<Record<string, string | undefined>>): string | undefined {
  for (const { name, kind } of recordColumns) {
    const text = row[name];
    if (text === undefined || text === '') continue;
    if (kind === 'timestamp' && !isInstant(text)) return `Its ${name} is no instant.`;
    const number = Number(text);
    if ((kind === 'seconds' || kind === 'integer') && !Number.isFinite(number)) return `Its ${name} is no number.`;
    if (kind === 'integer' && !Number.isInteger(number)) return `Its ${name} is no whole number.`;
  }
  return undefined;
}

function whyBadKeys(id: unknown, timestamp: unknown): string | undefined {
  if (id === undefined || id === null || id === '') return 'It has no id.';
  if (typeof id === 'object') return 'Its id is no text.';
  if (String(id).endsWith(' ')) return endsWithBlank;
  const bytes = Buffer.byteLength(String(id));
  if (bytes > maxIdBytes) return `Its id has ${bytes} bytes, the table takes ${maxIdBytes}.`;
  if (timestamp === undefined || timestamp === null || timestamp === '') return 'It has no timestamp.';
  return isInstant(timestamp) ? undefined : 'Its timestamp is no instant such as 2026-01-31T12:00:00Z.';
}

const instant = new RegExp(`^(?:${instantPattern})$`);

function isInstant(value: unknown): boolean {
  if (typeof value !== 'string' || !instant.test(value)) return false;
  return !Number.isNaN(Date.parse(value.slice(0, 10)));
}
