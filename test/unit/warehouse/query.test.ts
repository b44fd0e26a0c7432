import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { queryValue } from '../../../src/lib/warehouse/redshift/transport/values.js';
import { printRows } from '../../../src/lib/warehouse/rows/print-rows.js';
import { readSql } from '../../../src/lib/warehouse/sql/read-sql.js';
import { errorOf } from '../../support/errors.js';
import { testWarehouse } from '../../support/warehouse/open.js';

describe('asking DuckDB', () => {
  it('gives JSON: instants in ISO, documents as such, what a double cannot hold as text', async () => {
    const { warehouse, rows } = await testWarehouse();
    await warehouse.init();
    const sql = `SELECT TIMESTAMP '2026-01-31 12:00:00.5', TIMESTAMPTZ '2026-01-31 12:00:00+02', count(*), 9007199254740993,
      '{"a": [1]}'::JSON, [1, 2], NULL, 0.5::DOUBLE, true FROM mlops_loads`;
    expect(await rows(sql)).toEqual([
      ['2026-01-31T12:00:00.5', '2026-01-31T10:00:00Z', 0, '9007199254740993', { a: [1] }, [1, 2], null, 0.5, true],
    ]);
  });

  it('refuses what does not only read', async () => {
    const { dir, warehouse, rows } = await testWarehouse();
    await warehouse.init();
    const writing = [
      ...[
        'DROP TABLE mlops_loads',
        'DROP TABLE nowhere',
        'DELETE FROM mlops_loads',
        'SELECT 1; SELECT 2',
        'CREATE TABLE x (a INT)',
      ],
      ...[`COPY mlops_loads TO '${dir}/x.csv'`, `ATTACH '${dir}/y.duckdb'`, 'INSTALL httpfs', 'SET threads = 1'],
      ...[
        'EXPLAIN ANALYZE DELETE FROM mlops_loads',
        'explain analyse select 1',
        'EXPLAIN (FORMAT json, ANALYZE) SELECT 1',
      ],
      ...[
        '/* a /* b */ */ EXPLAIN --x\n/**/ ANALYZE SELECT 1',
        'PRAGMA database_list',
        `;pragma table_info('mlops_loads')`,
      ],
      ...[
        'PRAGMA threads = 1',
        'CALL pragma_version()',
        'PIVOT mlops_loads ON files',
        'CHECKPOINT',
        'EXPLAIN DELETE FROM mlops_loads',
      ],
    ];
    for (const sql of writing) {
      const error = await errorOf(() => warehouse.query(sql));
      expect([sql, error.code, error.exitCode]).toEqual([sql, 'QUERY_WRITES', 2]);
    }
    expect(await rows('SELECT count(*) FROM mlops_loads')).toEqual([[0]]);
    expect((await errorOf(() => warehouse.query('SELECT nope'))).code).toBe('QUERY_FAILED');
    expect((await errorOf(() => warehouse.query('SELEC 1'))).code).toBe('QUERY_FAILED');
  });

  it.each([
    ...['SELECT 1', '(SELECT 1)', 'WITH a AS (SELECT 1) FROM a', 'FROM range(1)', 'TABLE mlops_loads', 'VALUES (1)'],
    ...['SHOW TABLES', 'DESCRIBE mlops_loads', 'DESC mlops_loads', 'SUMMARIZE mlops_loads', '-- x\n;select 1; -- y'],
    ...['EXPLAIN SELECT 1', 'EXPLAIN (FORMAT json) SELECT 1 AS "analyze"'],
    `PIVOT range(2) ON range IN (1) USING count(*)`,
  ])('takes what reads: %s', async (sql) => {
    const { warehouse, rows } = await testWarehouse();
    await warehouse.init();
    expect(Array.isArray(await rows(sql))).toBe(true);
  });

  it.each([
    `SELECT CASE WHEN range > 200000 THEN error('boom') ELSE range END AS x FROM range(300000)`,
    `SELECT CASE WHEN range > 200000 THEN error('boom') ELSE range END AS x FROM range(300000); -- to the end`,
  ])('fails when the statement fails after rows were given: %s', async (sql) => {
    const { warehouse } = await testWarehouse();
    await warehouse.init();
    let rows = 0;
    const error = await errorOf(async () => {
      for await (const part of (await warehouse.query(sql)).parts) rows += part.length;
    });
    expect([error.code, error.exitCode]).toEqual(['QUERY_FAILED', 1]);
    expect(rows).toBeGreaterThan(0);
    expect(error.why).toContain('boom');
  });

  it('gives what is JSON to DuckDB only as the text it is', async () => {
    const { warehouse, rows } = await testWarehouse();
    await warehouse.init();
    expect(await rows(`SELECT '[NaN]'::JSON, '[1]'::JSON`)).toEqual([['[NaN]', [1]]]);
  });

  it('keeps a number in a document that a double does not hold as text', async () => {
    const { warehouse, rows } = await testWarehouse();
    await warehouse.init();
    const document =
      '{"a": 12345678901234567890, "b": [9007199254740993, -1e400, 0.1, 1e20, -0], "c": "1234567890123456789"}';
    const expected = {
      a: '12345678901234567890',
      b: ['9007199254740993', '-1e400', 0.1, 1e20, -0],
      c: '1234567890123456789',
    };
    expect(await rows(`SELECT '${document}'::JSON`)).toEqual([[expected]]);
    expect(queryValue(document, 'super')).toEqual(expected);
  });

  it('says when there is no warehouse, and when a file is none', async () => {
    const { warehouse, path } = await testWarehouse();
    expect((await errorOf(() => warehouse.query('SELECT 1'))).code).toBe('WAREHOUSE_MISSING');
    const { writeFile } = await import('node:fs/promises');
    await writeFile(path, 'no database '.repeat(1000));
    expect((await errorOf(() => warehouse.init())).code).toBe('WAREHOUSE_UNREADABLE');
  });

  it('lets go of the file when the reader stops, and when nobody reads', async () => {
    const { warehouse } = await testWarehouse();
    await warehouse.init();
    for await (const _ of (await warehouse.query('SELECT * FROM range(1000000)')).parts) break;
    await warehouse.query('SELECT 1');
    await warehouse.close();
    expect((await warehouse.init()).created).toEqual([]);
  });

  it('stops at the signal', async () => {
    const { warehouse } = await testWarehouse();
    await warehouse.init();
    const controller = new AbortController();
    const query = warehouse.query('SELECT count(*) FROM range(1000000) a, range(10000000) b', {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort('SIGINT'), 50);
    expect(
      (
        await errorOf(async () => {
          for await (const _ of (await query).parts);
        })
      ).exitCode,
    ).toBe(130);
  });
});

describe('printing rows', () => {
  const columns = [
    { name: 'id', type: 'VARCHAR' },
    { name: 'note', type: 'VARCHAR' },
  ];
  async function* parts() {
    yield [['a', 'x, "y"'] as const];
    yield [['b', null] as const, ['c', ''] as const, ['d', { k: '\u{1b}[2J' }] as const];
  }
  const printed = async (
    format: Parameters<typeof printRows>[1],
    rows: AsyncIterable<readonly (readonly never[])[]>,
    width?: number,
  ) => {
    const output = Object.assign(new PassThrough(), width === undefined ? {} : { columns: width });
    const all = text(output);
    await printRows({ columns, parts: rows }, format, output);
    output.end();
    return await all;
  };
  const some = () => parts() as AsyncIterable<readonly (readonly never[])[]>;
  async function* none() {}

  it('in every format', async () => {
    expect(await printed('csv', some())).toBe('id,note\na,"x, ""y"""\nb,\nc,""\nd,"{""k"":""\\u001b[2J""}"\n');
    const documents = [
      { id: 'a', note: 'x, "y"' },
      { id: 'b', note: null },
      { id: 'c', note: '' },
      { id: 'd', note: { k: '\u{1b}[2J' } },
    ];
    expect(JSON.parse(await printed('json', some()))).toEqual(documents);
    const lines = (await printed('jsonl', some())).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(documents);
    expect((await printed('table', some())).split('\n')).toEqual([
      ...['id  note', '──  ──────', 'a   x, "y"', 'b   NULL', 'c', 'd   {"k":"\\u001b[2J"}', '4 rows', ''],
    ]);
  });

  it('one value a line, where a table would be wider than the terminal', async () => {
    const long = (async function* () {
      yield [['a', 'x'.repeat(70)] as const, ['b', null] as const];
      yield [['c', 'y'] as const];
    })() as AsyncIterable<readonly (readonly never[])[]>;
    expect((await printed('table', long, 50)).split('\n')).toEqual([
      ...[
        '── 1 ─',
        'id    a',
        `note  ${'x'.repeat(43)}…`,
        '── 2 ─',
        'id    b',
        'note  NULL',
        '── 3 ─',
        'id    c',
        'note  y',
      ],
      ...['3 rows', ''],
    ]);
    expect(await printed('table', none(), 5)).toBe('id  note\n──  ────\n0 rows\n');
    expect((await printed('table', some(), 14)).split('\n')[0]).toBe('id  note');
  });

  it('with every column, also those of one name', async () => {
    const output = new PassThrough();
    const all = text(output);
    const names = ['count', 'count', 'count_1', 'count'].map((name) => ({ name, type: 'int8' }));
    async function* rows() {
      yield [['1', '2', '3', '4'] as const];
    }
    await printRows({ columns: names, parts: rows() }, 'jsonl', output);
    output.end();
    expect(await all).toBe('{"count":"1","count_2":"2","count_1":"3","count_3":"4"}\n');
  });

  it('when there are none', async () => {
    expect(await printed('csv', none())).toBe('id,note\n');
    expect(await printed('json', none())).toBe('[]\n');
    expect(await printed('table', none())).toBe('id  note\n──  ────\n0 rows\n');
  });
});

it('takes the statement from one place', async () => {
  const { dir, put } = await testWarehouse();
  await put({ 'q.sql': 'SELECT 1' });
  const stdin = () => new PassThrough().end('SELECT 2');
  const read = (argument: string | undefined, file: string | undefined) =>
    readSql({ argument, file }, { cwd: dir, stdin: stdin() });
  expect([await read(undefined, 'in/q.sql'), await read('-', undefined), await read('x', undefined)]).toEqual([
    'SELECT 1',
    'SELECT 2',
    'x',
  ]);
  for (const [argument, file, code] of [
    ['x', 'in/q.sql', 'SQL_MISSING'],
    [undefined, undefined, 'SQL_MISSING'],
    ['  ', undefined, 'SQL_MISSING'],
    [undefined, 'no.sql', 'SQL_UNREADABLE'],
  ] as const) {
    expect((await errorOf(() => read(argument, file))).code).toBe(code);
  }
});
