import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { removeLeftovers, temporaryName } from '../../../platform/files/leftovers.js';
import { findBadRecord, parquetHeader } from '../../duckdb/bad-record.js';
import { readSql } from '../../duckdb/read-sql.js';
import { createSession } from '../../duckdb/session.js';
import { contentRefused, isAboutContent } from '../../duckdb/staging.js';
import { badRecord } from '../../errors.js';
import { whyBadHeader } from '../../sources/header.js';
import type { Column } from '../../table.js';
import type { RecordReader, SourceRecord } from './records.js';

const prefix = 'mlops-parquet-';

/**
 * The rows of a Parquet file, read by the embedded DuckDB with the statement and the rules of its own engine. Redshift's own COPY
 * of Parquet goes by the order of the columns and knows no text that is too long:
 * https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
 */
export function parquetRecords(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  columns: readonly Column[],
): RecordReader {
  let rows = 0;
  async function* records(): AsyncGenerator<SourceRecord> {
    await removeLeftovers(tmpdir(), prefix);
    const folder = join(tmpdir(), temporaryName(prefix));
    await mkdir(folder);
    const path = join(folder, 'source.parquet');
    const ready = { path, name: file, isGzip: false, rows: undefined };
    try {
      await pipeline(bytes, createWriteStream(path));
      const { DuckDBInstance } = await import('@duckdb/node-api');
      const instance = await DuckDBInstance.create(':memory:');
      const connection = await instance.connect();
      try {
        const session = await createSession(connection, undefined);
        await session.run(`SET TimeZone = 'UTC'`);
        rows = await session.count('SELECT num_rows FROM parquet_file_metadata($1)', [path]);
        const header = await parquetHeader(session, path);
        const names = header.map(({ name }) => name);
        const why = whyBadHeader(names);
        if (why !== undefined) throw badRecord({ file }, why);
        const known = columns.filter(({ name }) => names.includes(name));
        // A streamed statement that fails says nothing: all rows are looked at before.
        const bad = await findBadRecord(session, known, [ready], 'parquet');
        if (bad !== undefined) throw badRecord(bad, bad.why);
        const result = await connection.stream(readSql('parquet', known, header), [path]);
        for await (const part of result.yieldRowsJson()) {
          for (const row of part) {
            yield { values: Object.fromEntries(known.map(({ name }, at) => [name, row[at]])), line: undefined };
          }
        }
      } finally {
        connection.closeSync();
        instance.closeSync();
      }
    } catch (error) {
      if (!(error instanceof Error) || !isAboutContent(error, [ready])) throw error;
      throw contentRefused([ready], error);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return { records: records(), rowsInFile: () => rows };
}
