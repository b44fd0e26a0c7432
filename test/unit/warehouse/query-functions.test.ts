import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { calledFunctions, readingFunctions } from '../../../src/lib/warehouse/duckdb/reading-functions.js';
import { errorOf } from '../../support/errors.js';
import { runSql, testWarehouse } from '../../support/warehouse/open.js';

/** What DuckDB has, and is not taken. A new DuckDB that has more fails the test: look at what it does. */
const refused = [
  ...['arrow_scan', 'arrow_scan_dumb', 'check_peg_parser', 'checkpoint', 'disable_logging', 'disable_peg_parser'],
  ...['disable_profiling', 'enable_logging', 'enable_peg_parser', 'enable_profiling', 'force_checkpoint'],
  ...['json_execute_serialized_sql', 'truncate_duckdb_logs'],
];

it('every table function of this DuckDB was looked at: it reads, or it is refused', async () => {
  const { warehouse, rows } = await testWarehouse();
  await warehouse.init();
  const all = (await rows(`SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'table'`)).map(
    ([name]) => String(name),
  );
  expect(all.filter((name) => !readingFunctions.has(name)).toSorted()).toEqual(refused);
  expect([...readingFunctions].filter((name) => !all.includes(name))).toEqual([]);
});

it('refuses table functions that do more than read, however they are called, before they do it', async () => {
  const { dir, path, warehouse, rows } = await testWarehouse();
  await warehouse.init();
  const log = `enable_logging(storage = 'file', storage_path = '${dir}/log')`;
  const profile = `enable_profiling(save_location = '${dir}/profile', mode = 'standard')`;
  await runSql(path, `CREATE VIEW sly AS FROM ${log}; CREATE MACRO slier() AS TABLE FROM ${log}`);
  const before = await readdir(dir);
  const serialized = `json_execute_serialized_sql(json_serialize_sql('SELECT 1'))`;
  const plain = refused.filter(
    (name) => !name.startsWith('arrow') && !name.startsWith('json') && !name.startsWith('check_'),
  );
  const sources = [
    ...[log, profile, serialized, 'sly', 'slier()', `query('FROM sly')`, `"ENABLE_logging"()`, `system.main.${log}`],
    ...[`check_peg_parser('SELECT 1')`, ...plain.map((name) => `${name}()`)],
  ];
  const statements = [
    ...sources.map((source) => `SELECT * FROM ${source}`),
    `-- x\n;WITH a AS MATERIALIZED (FROM ${log}) SELECT 1 UNION ALL SELECT count(*) FROM a; -- y`,
    `SELECT (SELECT count(*) FROM ${log}), * FROM mlops_loads`,
    `SELECT * FROM mlops_loads ORDER BY (SELECT count(*) FROM ${log})`,
    `SUMMARIZE (FROM ${log})`,
  ];
  for (const sql of statements) {
    const error = await errorOf(() => warehouse.query(sql));
    expect([sql, error.code, error.why]).toEqual([
      sql,
      'QUERY_WRITES',
      expect.stringMatching(/^\w+ is not among the table functions that only read/),
    ]);
  }
  expect(await readdir(dir)).toEqual(before);
  // What is only planned is not run.
  await rows(`EXPLAIN SELECT * FROM ${log}`);
  await rows(`DESCRIBE SELECT * FROM ${log}`);
  expect(await readdir(dir)).toEqual(before);
});

it("reads the user's own files, alone and for each row of another table", async () => {
  const { dir, path, warehouse, put, rows } = await testWarehouse();
  await warehouse.init();
  await put({ 'a.jsonl': '{"a":1}\n', 'b.csv': 'b\n2\n' });
  await runSql(path, 'CREATE MACRO twice(n) AS TABLE FROM range(n)');
  const [json, csv] = [join(dir, 'in/a.jsonl'), join(dir, 'in/b.csv')];
  expect(await rows(`SELECT a, b FROM read_json('${json}'), '${csv}'`)).toEqual([[1, 2]]);
  expect(await rows(`SELECT t.range, u.range FROM twice(3) AS t, range(t.range) AS u ORDER BY ALL`)).toEqual([
    ...[
      [1, 0],
      [2, 0],
      [2, 1],
    ],
  ]);
  expect(await rows(`SELECT count(*) FROM summary((FROM '${csv}'))`)).toEqual([[1]]);
});

it('finds functions wherever a plan has them', async () => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  onTestFinished(() => {
    connection.closeSync();
    instance.closeSync();
  });
  const sql = 'SELECT * FROM repeat(1, 2) AS t(a), generate_series(t.a) WHERE a IN (FROM range(3))';
  expect((await calledFunctions(connection, sql)).toSorted()).toEqual(['generate_series', 'range', 'repeat']);
});
