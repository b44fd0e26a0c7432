import type { PGlite } from '@electric-sql/pglite';
import type { SqlToken } from '../../../src/lib/warehouse/redshift/sql-scan.js';
import { FailedSql, type LoadError } from './refused.js';

/** Of a line: https://docs.aws.amazon.com/redshift/latest/dg/copy_json.html */
const maxObjectBytes = 4 * 2 ** 20;
/** Of a text in a SUPER: https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html */
const maxStringBytes = 65_535;

/** Text of an object of S3; undefined when there is none. */
export type CopySource = (bucket: string, key: string) => Promise<string | undefined>;

interface Column {
  readonly name: string;
  readonly type: string;
  readonly width: number | null;
}

/** Throws FailedSql for a COPY that none of ours is. */
export function parseCopy(tokens: readonly SqlToken[]) {
  const end = tokens.findIndex(({ text }) => text.toLowerCase() === 'from');
  const names = tokens
    .slice(3, end - 1)
    .map(({ text }) => text.replaceAll('"', ''))
    .filter((text) => text !== ',');
  const [manifestUrl = '', ...options] = tokens
    .filter(({ kind }) => kind === 'text')
    .map(({ text }) => text.slice(1, -1));
  if (!options.includes('auto')) throw new FailedSql('ERROR: this stand-in reads JSON by name only');
  return { table: tokens[1]?.text ?? '', names, manifestUrl };
}

/** COPY of JSON lines by a manifest, as the documentation has it. Gives the rows. Throws FailedSql. */
export async function runCopy(pg: PGlite, tokens: readonly SqlToken[], source: CopySource): Promise<number> {
  const { table, names, manifestUrl } = parseCopy(tokens);
  const columns = await columnsOf(pg, table, names);
  let rows = 0;
  for await (const { url, text } of copiedObjects(manifestUrl, source)) {
    const values = text
      .split('\n')
      .flatMap((line, at) => (line.trim() === '' ? [] : [rowOf(line, columns, url, at + 1)]));
    rows += values.length;
    await insert(pg, table, columns, values);
  }
  return rows;
}

/** What a manifest names. Throws FailedSql. */
export async function* copiedObjects(manifestUrl: string, source: CopySource) {
  const manifest = await read(source, manifestUrl);
  if (manifest === undefined)
    throw new FailedSql(`ERROR: Problem reading manifest file - S3ServiceException: NoSuchKey, ${manifestUrl}`);
  for (const { url, mandatory } of entriesOf(manifest)) {
    const text = await read(source, url);
    if (text !== undefined) yield { url, text };
    else if (mandatory === true) throw new FailedSql(`ERROR: The specified S3 object does not exist: ${url}`);
  }
}

function entriesOf(text: string): { url: string; mandatory?: boolean }[] {
  try {
    const { entries } = JSON.parse(text) as { entries?: { url: string; mandatory?: boolean }[] };
    if (entries !== undefined && entries.length > 0) return entries;
  } catch {
    // It says so below.
  }
  throw new FailedSql('ERROR: The manifest file is not properly formed, or has no entries');
}

async function read(source: CopySource, url: string): Promise<string | undefined> {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(url) ?? [];
  return await source(bucket, key);
}

async function columnsOf(pg: PGlite, table: string, names: readonly string[]): Promise<Column[]> {
  const { rows } = await pg.query<{ name: string; type: string; width: string | null }>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, col_description(attrelid, attnum) AS width
     FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0`,
    [table],
  );
  return names.map((name) => {
    const found = rows.find((row) => row.name === name);
    if (found === undefined) throw new FailedSql(`ERROR: column "${name}" of relation ${table} does not exist`);
    return { ...found, width: found.width === null ? null : Number(found.width) };
  });
}

/** One object as COPY reads it by the names of columns; what does not fit is a row of the load-error view. */
function rowOf(line: string, columns: readonly Column[], file: string, number: number): Record<string, unknown> {
  if (Buffer.byteLength(line) > maxObjectBytes) {
    const message = `JSON object exceeds the max size of ${maxObjectBytes} bytes`;
    throw refused({ file, line: number, column: '', message });
  }
  let parsed: Record<string, unknown>;
  try {
    parsed = JSON.parse(line) as Record<string, unknown>;
  } catch {
    throw refused({ file, line: number, column: '', message: 'Invalid JSON format' });
  }
  for (const { name, type, width } of columns) {
    const value = parsed[name];
    const bad = (message: string) => refused({ file, line: number, column: name, message });
    if (value === undefined || value === null) continue;
    if (width !== null && Buffer.byteLength(String(value)) > width) throw bad('String length exceeds DDL length');
    if (/int|double/.test(type) && !Number.isFinite(Number(value)))
      throw bad(`Invalid digit, Value '${String(value)[0]}'`);
    if (type === 'jsonb' && longest(value) > maxStringBytes)
      throw bad(`String value exceeds the max size of ${maxStringBytes} bytes`);
    if (/timestamp/.test(type) && !/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?$/.test(String(value)))
      throw bad('Invalid timestamp format or value');
  }
  return parsed;
}

/** Bytes of the longest text in a SUPER. */
function longest(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 0;
  return Math.max(0, ...Object.entries(value).flat().map(longest));
}

function refused(error: LoadError): FailedSql {
  const message = `ERROR: Load into table failed.  Check 'sys_load_error_detail' system table for details.`;
  return new FailedSql(message, [error]);
}

async function insert(pg: PGlite, table: string, columns: readonly Column[], rows: readonly object[]): Promise<void> {
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const types = columns.map(({ name, type }) => `"${name}" ${type}`).join(', ');
  await pg.query(
    `INSERT INTO ${table} (${names}) SELECT ${names} FROM jsonb_to_recordset($1::jsonb) AS rows(${types})`,
    [JSON.stringify(rows)],
  );
}
