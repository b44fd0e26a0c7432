import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { silentReporter } from '../../../src/lib/base/progress/reporter.js';
import { openDuckDb } from '../../../src/lib/warehouse/duckdb/open.js';
import type { WarehouseDeps, WarehouseSettings } from '../../../src/lib/warehouse/settings.js';
import { fixSources } from '../../../src/lib/warehouse/sources/fix-sources.js';
import type { SourceList } from '../../../src/lib/warehouse/sources/list.js';
import { parseTableName } from '../../../src/lib/warehouse/sql/identifier.js';
import type { QueryValue, Warehouse } from '../../../src/lib/warehouse/types.js';
import { tempDir } from '../temp-dir.js';

export function warehouseDeps(baseDir: string, given: Partial<WarehouseDeps> = {}): WarehouseDeps {
  const s3 = () => Promise.reject(new Error('this test has no S3'));
  return {
    reporter: silentReporter,
    env: {},
    baseDir,
    s3,
    configuredRegion: async () => undefined,
    sleep: async () => undefined,
    ...given,
  };
}

export interface TestWarehouse {
  readonly dir: string;
  readonly path: string;
  readonly warehouse: Warehouse;
  /** Writes files below `dir/in`, .gz compressed, and fixes all of what is there. */
  put(files: Readonly<Record<string, string>>): Promise<void>;
  list(...named: readonly string[]): Promise<SourceList>;
  rows(sql: string): Promise<(readonly QueryValue[])[]>;
}

/** A DuckDB warehouse in a folder of its own. */
export async function testWarehouse({
  table = 'transcription_results',
  deps,
  partBytes,
}: {
  readonly table?: string;
  readonly deps?: Partial<WarehouseDeps>;
  readonly partBytes?: number;
} = {}): Promise<TestWarehouse> {
  const dir = await tempDir();
  const path = join(dir, 'warehouse.duckdb');
  const settings: WarehouseSettings = {
    ...{ engine: 'duckdb', table: parseTableName(table), duckdb: { path }, redshift: {} },
  };
  const warehouse = openDuckDb(settings, warehouseDeps(dir, deps), { partBytes });
  return {
    dir,
    path,
    warehouse,
    async put(files) {
      for (const [name, text] of Object.entries(files)) {
        const file = join(dir, 'in', name);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, name.endsWith('.gz') ? gzipSync(text) : text);
      }
    },
    async list(...named) {
      const { lists } = await fixSources(named.length === 0 ? ['in'] : named, { cwd: dir, s3: async () => noS3() });
      const [first] = lists;
      if (first === undefined || lists.length > 1) throw new Error(`expected one list, found ${lists.length}`);
      return first;
    },
    rows: (sql) => allRows(warehouse, sql),
  };
}

/** What somebody does to the database without us. */
export async function runSql(path: string, sql: string): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

export async function allRows(warehouse: Warehouse, sql: string): Promise<(readonly QueryValue[])[]> {
  const { parts } = await warehouse.query(sql);
  const rows: (readonly QueryValue[])[] = [];
  for await (const part of parts) rows.push(...part);
  return rows;
}

function noS3(): never {
  throw new Error('this test has no S3');
}
