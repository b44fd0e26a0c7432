import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { describeError } from '../../../base/errors/describe.js';
import { MlopsError } from '../../../base/errors/mlops-error.js';
import { badRecord } from '../../errors.js';
import { byteLinesOf } from '../../sources/byte-lines.js';
import { csvRecordsOf } from '../../sources/csv-records.js';
import { whyBadHeader } from '../../sources/header.js';
import { objectName, type SourceFormat } from '../../sources/list.js';
import { readLine, type Values, whyBadMembers, whyBadRow } from '../../sources/record-rules.js';
import { createRowCounter } from '../../sources/row-counter.js';
import type { Column } from '../../table.js';
import type { OpenObject } from './bytes.js';
import { parquetRecords } from './parquet.js';

export interface SourceRecord {
  readonly values: Values;
  /** Line of the file from 1; undefined in Parquet, which has none. */
  readonly line: number | undefined;
}

export interface RecordReader {
  readonly records: AsyncIterable<SourceRecord>;
  /**
   * Rows of the file, counted apart from the reader: in its bytes, or in its footer. Call it after the last record. Throws
   * `BAD_RECORD` for CSV that can be read in several ways.
   */
  readonly rowsInFile: () => number;
}

/**
 * The records of an object, by the rules of all engines; what more Redshift does not take, row.ts tells. What is none throws
 * `BAD_RECORD` with file and line.
 */
export function readRecords(
  { object, bytes }: OpenObject,
  format: SourceFormat,
  columns: readonly Column[],
): RecordReader {
  const file = objectName(object);
  if (format === 'parquet') return parquetRecords(bytes, file, columns);
  const counter = createRowCounter(format);
  const plain = heard(object.isGzip ? gunzipped(bytes, file) : bytes, (chunk) => counter?.push(chunk));
  const records = format === 'csv' ? csvRows(plain, file, columns) : jsonLines(plain, file, columns);
  const rowsInFile = () => {
    const { rows = 0, bad } = counter?.end() ?? {};
    if (bad !== undefined) throw badRecord({ file, line: bad.line }, bad.why);
    return rows;
  };
  return { records, rowsInFile };
}

async function* heard(bytes: AsyncIterable<Uint8Array>, hear: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hear(chunk);
    yield chunk;
  }
}

async function* gunzipped(bytes: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<Uint8Array> {
  const source = Readable.from(bytes, { objectMode: false });
  const plain = createGunzip();
  // A source that fails has to end the reader of what comes out of it.
  source.on('error', (error) => plain.destroy(error));
  try {
    for await (const chunk of source.pipe(plain)) yield chunk as Uint8Array;
  } catch (error) {
    if (error instanceof MlopsError) throw error;
    throw badRecord({ file }, `It is no whole gzip: ${describeError(error)}.`, error);
  } finally {
    source.destroy();
  }
}

async function* textOf(bytes: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw badRecord({ file }, 'It is not UTF-8.', error);
    }
  };
  for await (const chunk of bytes) yield decode(chunk);
  yield decode();
}

async function* jsonLines(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  columns: readonly Column[],
): AsyncGenerator<SourceRecord> {
  let line = 0;
  for await (const text of byteLinesOf(bytes)) {
    line += 1;
    const read = readLine(text);
    if (read === undefined) continue;
    const why = 'why' in read ? read.why : whyBadMembers(read.values, columns);
    if ('why' in read || why !== undefined) throw badRecord({ file, line }, why ?? '');
    yield { values: read.values, line };
  }
}

async function* csvRows(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  columns: readonly Column[],
): AsyncGenerator<SourceRecord> {
  let header: readonly string[] | undefined;
  for await (const { line, fields, isClosed } of csvRecordsOf(textOf(bytes, file))) {
    if (!isClosed) throw badRecord({ file, line }, 'A quote is opened and never closed.');
    if (header === undefined) {
      header = fields;
      const why = whyBadHeader(fields);
      if (why !== undefined) throw badRecord({ file }, why);
      continue;
    }
    if (fields.length !== header.length) {
      throw badRecord({ file, line }, `It has ${fields.length} values, the header names ${header.length} columns.`);
    }
    const values = Object.fromEntries(header.map((name, at) => [name, fields[at]]));
    const whyNot = whyBadRow(values, columns);
    if (whyNot !== undefined) throw badRecord({ file, line }, whyNot);
    yield { values, line };
  }
}
