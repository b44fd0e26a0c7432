import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeList } from '../../../src/lib/warehouse/sources/list.js';
import { day, record } from '../../support/redshift/sources.js';
import { useStandIn } from '../../support/redshift/use-stand-in.js';
import { bucket, etagOf } from '../../support/redshift/warehouse.js';
import { runSql, testWarehouse } from '../../support/warehouse/open.js';

const { sources: objects, redshift, raw, open, held } = useStandIn();
const list = (...files: (readonly object[])[]) => objects.list(...files);
const createPeople = async (columns: string) => {
  await redshift().database.transaction([`CREATE TABLE "transcription_results" (${columns})`], {}, 1);
};

describe('blanks at the end of a text', () => {
  const texts = ['x', 'x ', 'x  y', 'x  ', 'x y', 'x y '];
  const lines = (...some: readonly string[]) =>
    some.map((text) => `${JSON.stringify(record('a', text, day(1)))}\n`).join('');

  it('are no difference to Redshift', async () => {
    await createPeople('id VARCHAR(50), text VARCHAR(65535)');
    await raw(`INSERT INTO transcription_results VALUES ('a', 'x '), ('a ', 'x')`);
    const counted = `SELECT count(DISTINCT id) AS ids, count(DISTINCT text) AS texts, max(octet_length(text)) AS bytes`;
    const [results] = await redshift().database.transaction([`${counted} FROM "transcription_results"`], {}, 1);
    expect(results?.rows).toEqual([['1', '1', 2]]);
  });

  it.each([
    ['in one load', [texts]],
    ['in one load, the other way round', [[...texts].reverse()]],
    ['in several', texts.map((text) => [text])],
    ['in several, the other way round', [...texts].reverse().map((text) => [text])],
  ])('give the same table in both engines: %s', async (_what, loads) => {
    const warehouse = await open();
    const duckdb = await testWarehouse();
    try {
      for (const [at, load] of loads.entries()) {
        await warehouse.copy(list(load.map((text) => record('a', text, day(1)))));
        await duckdb.put({ [`${at}.jsonl`]: lines(...load) });
        await duckdb.warehouse.copy(await duckdb.list(`in/${at}.jsonl`));
      }
      const there = (await held()).map(({ text }) => text);
      expect(there).toEqual(['x y ']);
      expect(await duckdb.rows('SELECT text FROM transcription_results')).toEqual([there]);
    } finally {
      await duckdb.warehouse.close();
    }
  });
});

describe('a user with a time zone of his own', () => {
  it('loads the same instants', async () => {
    await createPeople('id VARCHAR(50), text VARCHAR(65535), timestamp TIMESTAMPTZ');
    redshift().database.timezone = 'Asia/Tokyo';
    try {
      const warehouse = await open();
      await warehouse.copy(list([record('a', 'x', day(2)), record('b', 'x', day(2))]));
      // Nine hours are enough for one to be late, and the other not.
      const again = [record('a', 'y', '2026-01-02T03:00:00Z'), record('b', 'y', '2026-01-01T21:00:00Z')];
      const { counts } = await warehouse.copy(list(again));
      expect(counts).toMatchObject({ stale: 1, updated: 1 });
      expect(
        await raw(`SELECT id, text, (timestamp AT TIME ZONE 'UTC')::text AS at FROM transcription_results ORDER BY id`),
      ).toEqual([
        { id: 'a', text: 'y', at: '2026-01-02 03:00:00' },
        { id: 'b', text: 'x', at: '2026-01-02 00:00:00' },
      ]);
    } finally {
      redshift().database.timezone = 'UTC';
    }
  });
});

describe('limits', () => {
  const wide = Array.from({ length: 3 }, () => ({ text: 'x'.repeat(30_000) }));

  it('says what to do when wide segments would have to be merged', async () => {
    await createPeople(
      'id VARCHAR(50), text VARCHAR(65535), timestamp TIMESTAMP, segments SUPER, reviewed_by VARCHAR(50)',
    );
    const load = (await open()).copy(list([record('a', 'x', day(1), { segments: wide })]));
    await expect(load).rejects.toMatchObject({
      code: 'LOAD_FAILED',
      why: expect.stringMatching(/^Redshift says at MERGE: .*8001/),
      actions: [expect.stringContaining('segments of more than 65535 bytes')],
    });
    expect(await held()).toHaveLength(0);
  });

  it('names the record whose segments are too long, before Redshift sees it', async () => {
    const segments = [{ text: 'x'.repeat(65_536) }];
    const load = (await open()).copy(list([record('a', 'x', day(1)), record('b', 'x', day(1), { segments })]));
    await expect(load).rejects.toMatchObject({
      code: 'BAD_RECORD',
      message: `s3://${bucket}/processed/0.jsonl, line 2 is not a transcript record`,
      why: expect.stringContaining('Redshift takes 65535 in a SUPER'),
    });
    expect([...objects.s3.objects.keys()].some((key) => key.endsWith('.manifest'))).toBe(false);
  });

  it.each([
    ['a text in a SUPER', { segments: ['x'.repeat(65_536)] }, 'String value exceeds the max size of 65535 bytes'],
    ['a record', { segments: Array(65).fill('x'.repeat(65_000)) }, 'JSON object exceeds the max size of 4194304 bytes'],
  ])('are those of COPY in the stand-in too: %s', async (_what, more, message) => {
    redshift().queue.watch = (sql) => {
      if (!sql?.startsWith('COPY')) return;
      for (const [path, body] of objects.s3.objects) {
        if (!path.endsWith('.jsonl') || !path.includes('/loads/')) continue;
        objects.s3.objects.set(path, `${JSON.stringify({ ...(JSON.parse(body) as object), ...more })}\n`);
      }
    };
    const load = (await open()).copy(list([record('a', 'x', day(1))]));
    await expect(load).rejects.toMatchObject({ code: 'LOAD_FAILED', why: expect.stringContaining(message) });
  });
});

describe('Parquet', () => {
  it('is loaded by the names of its columns, with what is nested in them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mlops-parquet-test-'));
    try {
      const file = join(folder, 'a.parquet');
      await runSql(
        ':memory:',
        `COPY (
           SELECT 3.5 AS duration_s, TIMESTAMPTZ '2026-01-01 01:00:00+01' AS timestamp, 'first' AS text, 'a' AS id,
             [{'start_s': 0, 'text': 'first'}] AS segments
           UNION ALL SELECT NULL, TIMESTAMPTZ '2026-01-01 00:00:00.123456+00', NULL, 'b', NULL
         ) TO '${file}' (FORMAT parquet)`,
      );
      const body = await readFile(file);
      const key = 'processed/a.parquet';
      objects.s3.binary.set(`${bucket}/${key}`, body);
      const object = { kind: 'object', bucket, key, etag: etagOf(body), bytes: body.length, isGzip: false } as const;
      const { counts } = await (await open()).copy(makeList('parquet', [object]));
      expect(counts).toMatchObject({ rowsInFiles: 2, staged: 2, inserted: 2 });
      expect(await held()).toEqual([
        { id: 'a', text: 'first', at: '2026-01-01 00:00:00' },
        { id: 'b', text: null, at: '2026-01-01 00:00:00.123456' },
      ]);
      expect(await raw('SELECT duration_s, segments FROM transcription_results ORDER BY id')).toEqual([
        { duration_s: 3.5, segments: [{ start_s: 0, text: 'first' }] },
        { duration_s: null, segments: null },
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
