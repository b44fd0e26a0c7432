// One measured load in a process of its own, so that its peak memory is its own: prints {seconds, cpuSeconds, peakMiB, rows} as JSON.
//   node warehouse-child.js copy|plain DATABASE FOLDER
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const [, , mode, database, folder] = process.argv;
const started = performance.now();
const rows = mode === 'copy' ? await copy() : await plain();
const seconds = (performance.now() - started) / 1000;
// Kilobytes on Linux and macOS alike in libuv.
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
process.stdout.write(JSON.stringify({ seconds, cpuSeconds, peakMiB: maxRSS / 1024, rows }));

/** What `mlops warehouse copy FOLDER` does, from listing to commit. */
async function copy() {
  const lib = join(import.meta.dirname, '..', '..', 'dist', 'lib');
  const { openWarehouse } = await import(join(lib, 'warehouse', 'open.js'));
  const { fixSources } = await import(join(lib, 'warehouse', 'sources', 'fix-sources.js'));
  const { silentReporter } = await import(join(lib, 'base', 'progress', 'reporter.js'));
  const deps = { reporter: silentReporter, env: {}, baseDir: folder, s3: unused, sleep: unused };
  const table = { schema: undefined, name: 'transcription_results' };
  const warehouse = await openWarehouse({ engine: 'duckdb', table, duckdb: { path: database }, redshift: {} }, deps);
  const { lists } = await fixSources([folder], { cwd: folder, s3: unused });
  const { counts } = await warehouse.copy(lists[0]);
  await warehouse.close();
  return counts.inserted;
}

function unused() {
  throw new Error('not used by this benchmark');
}

/** DuckDB's own reader into a table without anything around it, with the same columns and nothing else set. */
async function plain() {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const files = readdirSync(folder).map((name) => `'${join(folder, name)}'`);
  const columns = `id: 'VARCHAR', text: 'VARCHAR', timestamp: 'TIMESTAMP', source: 'VARCHAR', uploaded_at: 'TIMESTAMP',
    duration_s: 'DOUBLE', sample_rate_hz: 'INTEGER', channels: 'INTEGER', language: 'VARCHAR', model: 'VARCHAR',
    model_digest: 'VARCHAR', segments: 'JSON', warnings: 'JSON'`;
  const instance = await DuckDBInstance.create(database);
  const connection = await instance.connect();
  const result = await connection.runAndReadAll(
    `CREATE TABLE transcription_results AS SELECT * FROM read_json([${files.join(', ')}], columns = {${columns}}, format = 'newline_delimited')`,
  );
  connection.closeSync();
  instance.closeSync();
  return Number(result.getRowsJson()[0][0]);
}
