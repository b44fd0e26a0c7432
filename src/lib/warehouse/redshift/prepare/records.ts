import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { describeError } from '../../../base/errors/describe.js';
import { MlopsError } from '../../../base/errors/mlops-error.js';
import { badRecord } from '../../errors.js';
import { csvRecordsOf } from '../../sources/csv-records.js';
import { whyBadHeader } from '../../sources/header.js';
import { objectName, type SourceFormat } from '../../sources/list.js';
import { createRowCounter } from '../../sources/row-counter.js';
import type { OpenObject } from './bytes.js';
import { parquetRecords } from './parquet.js';

export interface SourceRecord {
  readonly values: Readonly<Record<string, unknown>>;
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

/** The records of an object. What is none throws `BAD_RECORD` with file and line. */
export function readRecords({ object, bytes }: OpenObject, format: SourceFormat): RecordReader {
  const file = objectName(object);
  if (format === 'parquet') return parquetRecords(bytes, file);
  const counter = createRowCounter(format);
  const chunks = textOf(object.isGzip ? gunzipped(bytes, file) : bytes, file, (chunk) => counter?.push(chunk));
  const records = format === 'csv' ? csvRows(chunks, file) : jsonLines(chunks, file);
  const rowsInFile = () => {
    const rows = counter?.rows() ?? 0;
    const problem = counter?.problem();
    if (problem !== undefined) throw badRecord({ file, line: problem.line }, problem.why);
    return rows;
  };
  return { records, rowsInFile };
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

async function* textOf(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  hear: (chunk: Uint8Array) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw badRecord({ file }, 'It is not UTF-8.', error);
    }
  };
  for await (const chunk of bytes) {
    hear(chunk);
    yield decode(chunk);
  }
  yield decode();
}

async function* jsonLines(chunks: AsyncIterable<string>, file: string): AsyncGenerator<SourceRecord> {
  let line = 0;
  for await (const text of lines(chunks)) {
    line += 1;
    if (text.trim() === '') continue;
    let values: unknown;
    try {
      values = JSON.parse(text);
    } catch (error) {
      const isSpread = /^\s*[[{]\s*$/.test(text);
      const why = isSpread ? 'A record is one line of JSON, and here it goes on over several.' : 'It is no JSON.';
      throw badRecord({ file, line }, why, error);
    }
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw badRecord({ file, line }, 'It is JSON, but no object.');
    }
    yield { values: values as Record<string, unknown>, line };
  }
}

/** Cut at line feeds only: other characters that some call line ends may stand in JSON. */
async function* lines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

async function* csvRows(chunks: AsyncIterable<string>, file: string): AsyncGenerator<SourceRecord> {
  let header: readonly string[] | undefined;
  for await (const { line, fields, isClosed } of csvRecordsOf(chunks)) {
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
    yield { values: Object.fromEntries(header.map((name, at) => [name, fields[at]])), line };
  }
}
