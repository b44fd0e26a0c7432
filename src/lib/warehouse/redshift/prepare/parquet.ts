import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describeError } from '../../../base/errors/describe.js';
import { MlopsError } from '../../../base/errors/mlops-error.js';
import { removeLeftovers, temporaryName } from '../../../platform/files/leftovers.js';
import { badRecord } from '../../errors.js';
import { essentialColumns } from '../../table.js';
import type { RecordReader, SourceRecord } from './records.js';

const prefix = 'mlops-parquet-';

/**
 * The rows of a Parquet file, read by the embedded DuckDB. Redshift's own COPY of Parquet goes by the order of the columns
 * and knows no text that is too long: https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html
 */
export function parquetRecords(bytes: AsyncIterable<Uint8Array>, file: string): RecordReader {
  let rows = 0;
  async function* records(): AsyncGenerator<SourceRecord> {
    await removeLeftovers(tmpdir(), prefix);
    const folder = join(tmpdir(), temporaryName(prefix));
    await mkdir(folder);
    const path = join(folder, 'source.parquet');
    try {
      await pipeline(bytes, createWriteStream(path));
      const { DuckDBInstance } = await import('@duckdb/node-api');
      const instance = await DuckDBInstance.create(':memory:');
      const connection = await instance.connect();
      try {
        await connection.run(`SET TimeZone = 'UTC'`);
        const footer = await connection.runAndReadAll('SELECT num_rows FROM parquet_file_metadata($1)', [path]);
        rows = Number(footer.getRowsJson()[0]?.[0] ?? 0);
        const result = await connection.stream('SELECT * FROM read_parquet($1, hive_partitioning = false)', [path]);
        const names = result.columnNames();
        const lacking = essentialColumns.filter((name) => !names.includes(name));
        if (lacking.length > 0) throw badRecord({ file }, `It has no column ${lacking.join(', ')}.`);
        for await (const part of result.yieldRowObjectJson()) {
          for (const values of part) yield { values, line: undefined };
        }
      } finally {
        connection.closeSync();
        instance.closeSync();
      }
    } catch (error) {
      if (error instanceof MlopsError || !(error instanceof Error) || !/ Error: /.test(error.message)) throw error;
      const why = describeError(error).replaceAll(path, file);
      throw badRecord({ file }, `DuckDB says: ${why}`, error);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return { records: records(), rowsInFile: () => rows };
}
