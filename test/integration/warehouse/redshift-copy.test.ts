import { DescribeStatementCommand, ExecuteStatementCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import { describe, expect, it } from 'vitest';
import { day, record } from '../../support/redshift/sources.js';
import { useStandIn } from '../../support/redshift/use-stand-in.js';
import { bucket } from '../../support/redshift/warehouse.js';

const { sources: objects, redshift, raw, open, held } = useStandIn();
const list = (...files: (readonly object[])[]) => objects.list(...files);

describe('copy', () => {
  it('loads a list, and a second time does nothing', async () => {
    const warehouse = await open();
    const sources = list(
      [record('a', 'first', '2026-01-01T00:00:00Z', { segments: [{ start_s: 0, end_s: 1, text: 'first' }] })],
      [record('b', '', '2026-01-01T00:00:00.5+01:00'), record('c', null, '2026-01-01T00:00:00.123456Z')],
    );
    const first = await warehouse.copy(sources);
    expect(first).toMatchObject({
      ...{ status: 'loaded', engine: 'redshift', table: 'transcription_results', loadId: sources.digest, files: 2 },
      counts: { rowsInFiles: 3, staged: 3, duplicates: 0, stale: 0, inserted: 3, updated: 0 },
    });
    expect(first.statementId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await held()).toEqual([
      { id: 'a', text: 'first', at: '2026-01-01 00:00:00' },
      { id: 'b', text: '', at: '2025-12-31 23:00:00.5' },
      { id: 'c', text: null, at: '2026-01-01 00:00:00.123456' },
    ]);
    expect(await warehouse.copy(sources)).toEqual({ ...first, status: 'already-loaded' });
    const again = await raw('SELECT count(*) AS n FROM mlops_loads');
    expect(again[0]?.n).toBe(1);
  });
});

describe('which row wins', () => {
  it('takes the latest of an id, in the load and against the table', async () => {
    const warehouse = await open();
    await warehouse.copy(list([record('a', 'old', day(2)), record('b', 'old', day(2)), record('c', 'old', day(2))]));
    const { counts } = await warehouse.copy(
      list(
        [record('a', 'new', day(3)), record('b', 'stale', day(1)), record('d', 'x', day(1))],
        [record('d', 'y', day(2)), record('d', 'y', day(2)), record('a', 'older', day(1))],
      ),
    );
    expect(counts).toEqual({ rowsInFiles: 6, staged: 6, duplicates: 3, stale: 1, inserted: 1, updated: 1 });
    expect((await held()).map(({ id, text }) => [id, text])).toEqual([
      ...[
        ['a', 'new'],
        ['b', 'old'],
        ['c', 'old'],
        ['d', 'y'],
      ],
    ]);
  });

  it('takes the greater text at the same instant, and the same one in any order', async () => {
    const rows = [
      record('a', null, day(1)),
      record('a', 'Zebra', day(1)),
      record('a', 'ähre', day(1)),
      record('a', 'b', day(1)),
    ];
    const warehouse = await open();
    await warehouse.copy(list(rows.slice(0, 2), rows.slice(2)));
    expect((await held())[0]?.text).toBe('ähre');
    const { counts } = await warehouse.copy(list([...rows].reverse()));
    expect(counts).toMatchObject({ duplicates: 3, stale: 1, updated: 0 });
  });
});

describe('texts', () => {
  it('cuts one that no column can hold, between two characters, and keeps it whole in its segments', async () => {
    const text = `a${'€'.repeat(40_000)}`;
    const segments = [
      { start_s: 0, end_s: 1, text: text.slice(0, 20_000) },
      { start_s: 1, end_s: 2, text: text.slice(20_000) },
    ];
    const warehouse = await open();
    await warehouse.copy(list([record('a', text, day(1), { segments })]));
    const [row] = await raw(
      'SELECT octet_length(text) AS held, text, text_truncated, text_bytes, segments::text AS segments FROM transcription_results',
    );
    expect(row).toMatchObject({ held: 65_533, text_truncated: true, text_bytes: 120_001 });
    expect(text.startsWith(String(row?.text))).toBe(true);
    expect((JSON.parse(String(row?.segments)) as typeof segments).map((segment) => segment.text).join('')).toBe(text);
    // The second time it is an update, and a wide SUPER takes the way without MERGE.
    const { counts } = await warehouse.copy(list([record('a', text, day(2), { segments })]));
    expect(counts).toMatchObject({ inserted: 0, updated: 1 });
    const sqls = redshift().queue.all.at(-3)?.submission.sqls ?? [];
    expect(
      redshift()
        .queue.all.flatMap(({ submission }) => submission.sqls)
        .some((sql) => sql.startsWith('MERGE')),
    ).toBe(true);
    expect(sqls.some((sql) => sql.startsWith('MERGE'))).toBe(false);
  });

  it('loads a table with the three columns that people have', async () => {
    await createPeople('id VARCHAR(50) PRIMARY KEY, text VARCHAR(65535), timestamp TIMESTAMP');
    const { columns, counts } = await (await open()).copy(list([record('a', 'x', day(1), { duration_s: 3 })]));
    expect(columns).toEqual(['id', 'text', 'timestamp']);
    expect(counts.inserted).toBe(1);
  });

  it('says what TEXT means, before anything is loaded', async () => {
    await createPeople('id VARCHAR(50), text TEXT, timestamp TIMESTAMP');
    const warehouse = await open();
    await warehouse.copy(list([record('a', 'x'.repeat(256), day(1))]));
    await expect(warehouse.copy(list([record('b', 'x'.repeat(257), day(1))]))).rejects.toMatchObject({
      code: 'TABLE_MISMATCH',
      why: expect.stringContaining('ALTER COLUMN text TYPE VARCHAR(65535)'),
    });
    expect(await held()).toHaveLength(1);
  });

  it('keeps the values of columns that are none of ours', async () => {
    await createPeople('id VARCHAR(50), text VARCHAR(65535), timestamp TIMESTAMP, reviewed_by VARCHAR(50)');
    const warehouse = await open();
    await warehouse.copy(list([record('a', 'x', day(1))]));
    await raw(`UPDATE transcription_results SET reviewed_by = 'Ana'`);
    await warehouse.copy(list([record('a', 'y', day(2))]));
    expect(await raw('SELECT text, reviewed_by FROM transcription_results')).toEqual([
      { text: 'y', reviewed_by: 'Ana' },
    ]);
  });
});

async function createPeople(columns: string): Promise<void> {
  await redshift().database.transaction([`CREATE TABLE "transcription_results" (${columns})`], {}, 1);
}

describe('a load that must not be', () => {
  it('names file and line of what is no record, and asks Redshift for nothing', async () => {
    const before = redshift().queue.all.length;
    const sources = list([record('a', 'x', day(1)), record('', 'x', day(1))]);
    await expect((await open()).copy(sources)).rejects.toMatchObject({
      code: 'BAD_RECORD',
      message: `s3://${bucket}/processed/0.jsonl, line 2 is not a transcript record`,
    });
    expect(
      redshift()
        .queue.all.slice(before)
        .some(({ submission }) => submission.name?.startsWith('mlops-load')),
    ).toBe(false);
  });

  it('refuses an object that was replaced after it was listed', async () => {
    const sources = list([record('a', 'x', day(1))]);
    objects.put('processed/0.jsonl', [record('a', 'y', day(1))]);
    await expect((await open()).copy(sources)).rejects.toMatchObject({ code: 'SOURCE_CHANGED' });
    expect(await held()).toHaveLength(0);
  });

  it.each([
    [
      'another row',
      (body: string) => `${body}${JSON.stringify({ id: 'z', text: 'z', timestamp: '2026-01-01 00:00:00' })}\n`,
    ],
    ['a row less', (body: string) => body.split('\n').slice(1).join('\n')],
    ['a longer text', (body: string) => body.replace('"x"', '"xyz"')],
  ])('rolls back when what was prepared is tampered with: %s', async (_what, change) => {
    const warehouse = await open();
    await warehouse.copy(list([record('k', 'kept', day(1))]));
    const sources = list([record('a', 'x', day(1)), record('b', 'x', day(2))]);
    redshift().queue.watch = (sql) => {
      if (!sql?.startsWith('COPY')) return;
      for (const [path, body] of objects.s3.objects) {
        if (path.includes(`loads/${sources.digest}/`) && path.endsWith('.jsonl'))
          objects.s3.objects.set(path, change(body));
      }
    };
    const load = warehouse.copy(sources);
    await expect(load).rejects.toMatchObject({ code: 'COUNTS_DO_NOT_ADD_UP' });
    expect((await held()).map(({ id }) => id)).toEqual(['k']);
    expect(await raw('SELECT count(*) AS n FROM mlops_loads')).toEqual([{ n: 1 }]);
    // The next run writes what it checked over what was there.
    redshift().queue.watch = () => {};
    await expect(warehouse.copy(sources)).resolves.toMatchObject({ status: 'loaded', counts: { inserted: 2 } });
  });

  it('does not choose between rows of one id that the table has already', async () => {
    const warehouse = await open();
    await warehouse.init();
    await raw(`INSERT INTO transcription_results (id, timestamp) VALUES ('a', now()), ('a', now())`);
    await expect(warehouse.copy(list([record('a', 'x', day(1))]))).rejects.toMatchObject({
      code: 'TARGET_NOT_UNIQUE',
      why: expect.stringContaining('a.'),
    });
  });

  it('shows what COPY noted of a row that it refused', async () => {
    const sources = list([record('a', 'x', day(1))]);
    redshift().queue.watch = (sql) => {
      if (!sql?.startsWith('COPY')) return;
      for (const [path, body] of objects.s3.objects)
        if (path.endsWith('.jsonl')) objects.s3.objects.set(path, body.replace('"a"', `"${'a'.repeat(60)}"`));
    };
    await expect((await open()).copy(sources)).rejects.toMatchObject({
      code: 'LOAD_FAILED',
      why: expect.stringMatching(
        /Redshift says at COPY: .*sys_load_error_detail[\s\S]*line 1, id: String length exceeds DDL length/,
      ),
    });
  });
});

describe('query and init', () => {
  it('gives the rows part by part, typed', async () => {
    const warehouse = await open();
    await warehouse.copy(
      list(
        Array.from({ length: 250 }, (_, at) => record(`id${at}`, 'x', day(1), { duration_s: at / 2, segments: [] })),
      ),
    );
    const { columns, parts } = await warehouse.query(
      'SELECT id, timestamp, duration_s, segments, text_truncated FROM transcription_results ORDER BY duration_s',
    );
    expect(columns.map(({ type }) => type)).toEqual(['varchar', 'timestamp', 'float8', 'super', 'bool']);
    const sizes: number[] = [];
    let first: unknown;
    for await (const part of parts) {
      first ??= part[0];
      sizes.push(part.length);
    }
    expect(sizes).toEqual([100, 100, 50]);
    expect(first).toEqual(['id0', '2026-01-01T00:00:00', 0, [], false]);
  });

  it('reads only', async () => {
    const warehouse = await open();
    for (const sql of [
      'DELETE FROM transcription_results',
      'SELECT 1; SELECT 2',
      'SELECT * INTO x FROM y',
      '',
      'WITH a AS (SELECT 1) SELECT * INTO b FROM a',
    ]) {
      await expect(warehouse.query(sql)).rejects.toMatchObject({ code: 'QUERY_WRITES' });
    }
    await expect(warehouse.query('SELECT nothing FROM nowhere')).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      why: expect.stringContaining('nowhere'),
    });
  });

  it('makes the tables once, and lets the load function in', async () => {
    const warehouse = await open(undefined, { loader: 'IAMR:flights-load' });
    expect((await warehouse.init()).created).toEqual(['transcription_results', 'mlops_loads']);
    expect((await warehouse.init()).created).toEqual([]);
    const granted = await raw(`SELECT has_table_privilege('IAMR:flights-load', 'mlops_loads', 'DELETE') AS may`);
    expect(granted).toEqual([{ may: true }]);
    expect(warehouse.ddl().at(-1)).toBe(
      'GRANT SELECT, INSERT, UPDATE, DELETE ON "transcription_results", "mlops_loads" TO "IAMR:flights-load"',
    );
  });
});

describe('the stand-in', () => {
  const run = (...sqls: readonly string[]) => redshift().database.transaction(sqls, {}, 1);

  it('takes a row twice under one primary key, as Redshift does', async () => {
    await run(
      `CREATE TABLE "target" (id VARCHAR(50) PRIMARY KEY)`,
      `INSERT INTO "target" VALUES ('a')`,
      `INSERT INTO "target" VALUES ('a')`,
    );
    expect(await raw('SELECT count(*) AS n FROM target')).toEqual([{ n: 2 }]);
    await raw('DROP TABLE target');
  });

  it('counts the bytes of a VARCHAR, and takes 256 for TEXT', async () => {
    const create = `CREATE TEMP TABLE mlops_x (short VARCHAR(3), long TEXT)`;
    const insert = (short: string, long: string) => `INSERT INTO mlops_x VALUES ('${short}', '${long}')`;
    await run(create, insert('é.', 'x'.repeat(256)));
    await expect(run(create, insert('éé', ''))).rejects.toThrow('value too long for type character varying(3)');
    await expect(run(create, insert('', 'x'.repeat(257)))).rejects.toThrow(
      'value too long for type character varying(256)',
    );
  });

  it.each([
    `INSERT INTO "transcription_results" VALUES ('a') ON CONFLICT DO NOTHING`,
    `DELETE FROM "transcription_results" RETURNING id`,
    'CREATE TABLE "x" (id JSONB)',
    'CREATE TABLE "x" (id SERIAL)',
  ])('refuses by the Data API: %s', async (sql) => {
    const client = new RedshiftDataClient({ region: 'us-east-1' });
    const { Id } = await client.send(
      new ExecuteStatementCommand({ Sql: sql, Database: 'dev', WorkgroupName: 'flights' }),
    );
    const state = await client.send(new DescribeStatementCommand({ Id, WaitTimeSeconds: 10 }));
    expect(state).toMatchObject({ Status: 'FAILED', Error: expect.stringContaining('ERROR: ') });
  });
});
