import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { S3Objects } from '../../../src/lib/platform/aws/s3-objects.js';
import { describeLoad } from '../../../src/lib/warehouse/copy-sources.js';
import { fixSources } from '../../../src/lib/warehouse/sources/fix-sources.js';
import { objectName, type SourceList } from '../../../src/lib/warehouse/sources/list.js';
import { createRowCounter } from '../../../src/lib/warehouse/sources/row-counter.js';
import { errorOf } from '../../support/errors.js';
import { between, pick, seeded } from '../../support/random.js';
import { testWarehouse } from '../../support/warehouse/open.js';
import { lines, makeRecord } from '../../support/warehouse/records.js';

const one = lines([makeRecord(1)]);
const header = 'timestamp,id,text,extra';

/** A bucket in memory; `changed` answers as if the objects had been replaced since they were listed. */
function fakeS3(objects: Readonly<Record<string, string>>, { changed = false } = {}): S3Objects {
  const head = (key: string) => {
    const body = objects[key];
    return body === undefined
      ? undefined
      : { key, bytes: Buffer.byteLength(body), modifiedAt: new Date(0), etag: `"${key.length}-${body.length}"` };
  };
  return {
    async *listObjects(_bucket: string, prefix: string) {
      for (const key of Object.keys(objects)) {
        const found = key.startsWith(prefix) ? head(key) : undefined;
        if (found !== undefined) yield found;
      }
    },
    headObject: async (_bucket: string, key: string) => head(key),
    openObject: async (_bucket: string, key: string) => (changed ? undefined : Readable.from([objects[key]])),
  } as unknown as S3Objects;
}

describe('sources', () => {
  it('are files, folders and globs, each file once, each format a load', async () => {
    const { dir, put } = await testWarehouse();
    await put({
      ...{ 'a.jsonl': one, 'deep/b.ndjson.gz': one, 'deep/c.csv': header, 'deep/d.parquet': 'x', 'e.json': one },
      ...{ 'errors.jsonl': '{}', '.hidden.jsonl': '{}', 'notes.txt': '', 'deep/.state/ledger.jsonl': '{}' },
    });
    await symlink(join(dir, 'in', 'a.jsonl'), join(dir, 'in', 'again.jsonl'));
    const context = { cwd: dir, s3: async () => fakeS3({}) };
    const { lists, skipped } = await fixSources(['in', 'in/a.jsonl', 'in/**/*.csv'], context);
    expect(
      lists.map(({ format, objects }) => [format, objects.map((object) => objectName(object).slice(dir.length))]),
    ).toEqual([
      ['jsonl', ['/in/a.jsonl', '/in/deep/b.ndjson.gz', '/in/e.json']],
      ['csv', ['/in/deep/c.csv']],
      ['parquet', ['/in/deep/d.parquet']],
    ]);
    expect(skipped.map(({ reason }) => reason).toSorted()).toEqual([
      'a log of failures',
      'hidden',
      'no format that can be loaded',
    ]);
  });

  it('that are not there, or are called otherwise, are an error', async () => {
    const { dir, put } = await testWarehouse();
    await put({ 'a.txt': 'x' });
    const context = { cwd: dir, s3: async () => fakeS3({ 'a/b.jsonl': one }) };
    const codes: Readonly<Record<string, string>> = {
      ...{ 'nowhere.jsonl': 'SOURCE_MISSING', 'in/*.jsonl': 'SOURCE_MISSING', 'in/a.txt': 'SOURCE_FORMAT_UNKNOWN' },
      ...{ 's3://b': 'S3_URL_INVALID', 's3://bucket/c': 'SOURCE_MISSING', 's3://bucket/c*': 'SOURCE_MISSING' },
    };
    for (const [named, code] of Object.entries(codes)) {
      expect([named, (await errorOf(() => fixSources([named], context))).code]).toEqual([named, code]);
    }
    expect((await fixSources(['s3://bucket/none/'], context)).lists).toEqual([]);
  });

  it('in S3 are fetched as they were listed, and counted', async () => {
    const objects = { 'p/a.jsonl': one, 'p/b.jsonl': lines([makeRecord(2), makeRecord(3)]), 'p/': '', 'p/x.wav': '' };
    const { dir, warehouse } = await testWarehouse({ deps: { s3: async () => fakeS3(objects) } });
    const { lists, skipped } = await fixSources(['s3://bucket/p/'], { cwd: dir, s3: async () => fakeS3(objects) });
    expect(skipped).toEqual([{ source: 's3://bucket/p/x.wav', reason: 'no format that can be loaded' }]);
    const [list] = lists;
    if (list === undefined) throw new Error('no list');
    const { counts } = await warehouse.copy(list);
    expect(counts).toMatchObject({ rowsInFiles: 3, inserted: 3 });
    const other = await testWarehouse({ deps: { s3: async () => fakeS3(objects, { changed: true }) } });
    expect((await errorOf(() => other.warehouse.copy(list))).code).toBe('SOURCE_CHANGED');
  });
});

it('names an object of S3 that is no whole gzip as it is called there', async () => {
  const s3 = async () => fakeS3({ 'p/a.jsonl.gz': 'no gzip' });
  const { dir, warehouse } = await testWarehouse({ deps: { s3 } });
  const { lists } = await fixSources(['s3://bucket/p/'], { cwd: dir, s3 });
  const error = await errorOf(() => warehouse.copy(lists[0] as SourceList));
  expect([error.code, error.message]).toEqual(['BAD_RECORD', 's3://bucket/p/a.jsonl.gz is not a transcript record']);
});

it('a load of one row is told as one', async () => {
  const { warehouse, put, list } = await testWarehouse();
  await put({ 'a.jsonl': one });
  expect(describeLoad(await warehouse.copy(await list()))).toMatch(/^1 row into transcription_results: 1 inserted, /);
});

describe('CSV and Parquet', () => {
  it('are read by their headers: any order, quotes with line ends, other columns, gzip', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    await put({
      'a.csv': `${header}\r\n2026-01-31T12:00:00+02:00,a,"two\nlines, ""quoted""",9\r\n\r\n2026-01-31T10:00:00Z,b,,\r\n`,
      'b.csv.gz': 'id,text,timestamp,duration_s\nc,"",2026-01-31 10:00:00,1.5\nd,x,2026-01-31T10:00:00Z,\n',
      'empty.csv': '',
    });
    const { counts } = await warehouse.copy(await list());
    expect(counts).toMatchObject({ rowsInFiles: 4, inserted: 4 });
    expect(await rows('SELECT id, text, duration_s FROM transcription_results ORDER BY id')).toEqual([
      ...[
        ['a', 'two\nlines, "quoted"', null],
        ['b', '', null],
      ],
      ...[
        ['c', '', 1.5],
        ['d', 'x', null],
      ],
    ]);
    expect(await rows('SELECT DISTINCT "timestamp" FROM transcription_results')).toEqual([['2026-01-31T10:00:00']]);
  });

  it('name the line that is wrong', async () => {
    const wrong: Readonly<Record<string, string>> = {
      'a,x,2026-01-31T10:00:00Z\nb,y': 'It has 2 values, the header names 3 columns.',
      'a,"x\n1",2026-01-31T10:00:00Z\n,y,2026-01-31T10:00:00Z': 'It has no id.',
      'a,x,2026-01-31T10:00:00Z\nb,y,soon': 'Its timestamp is no instant',
      'a,x,2026-01-31T10:00:00Z\nb,"y,2026-01-31T10:00:00Z': 'A quote is opened and never closed.',
    };
    for (const [text, why] of Object.entries(wrong)) {
      const { warehouse, put, list } = await testWarehouse();
      await put({ 'a.csv': `id,text,timestamp\n${text}\n` });
      const error = await errorOf(async () => warehouse.copy(await list()));
      const line = text.split('\n').length + 1;
      expect([error.code, error.message.split(', ').at(-1)]).toEqual([
        'BAD_RECORD',
        `line ${line} is not a transcript record`,
      ]);
      expect(error.why).toContain(why);
    }
    const { warehouse, put, list } = await testWarehouse();
    await put({ 'a.csv': 'id,text\na,b\n' });
    expect((await errorOf(async () => warehouse.copy(await list()))).why).toContain('no column timestamp');
  });

  it('are loaded as Parquet too', async () => {
    const { dir, warehouse, put, list, rows } = await testWarehouse();
    await put({ 'a.jsonl': lines([makeRecord(1), makeRecord(2)]) });
    await warehouse.copy(await list());
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const segments = `[{'start_s': 0.5, 'text': 'x'}]`;
    await connection.run(
      `COPY (SELECT 'p' || i AS id, 'text' AS text, TIMESTAMPTZ '2026-01-31 12:00:00+02' AS "timestamp", ${segments} AS segments
       FROM range(3) r(i)) TO '${join(dir, 'in', 'a.parquet')}'`,
    );
    const { counts, columns } = await warehouse.copy(await list('in/a.parquet'));
    expect(counts).toMatchObject({ rowsInFiles: 3, staged: 3, inserted: 3 });
    expect(columns).toContain('segments');
    expect(await rows(`SELECT "timestamp", segments FROM transcription_results WHERE id = 'p0'`)).toEqual([
      ['2026-01-31T10:00:00', [{ start_s: 0.5, text: 'x' }]],
    ]);
  });
});

describe('counting rows', () => {
  it('does not depend on where the chunks are cut', () => {
    const random = seeded(5);
    for (let round = 0; round < 50; round += 1) {
      const cells = Array.from({ length: between(random, 0, 30) }, () =>
        pick(random, ['a,b', '"x\n""y"",",c', '', ' ,d']),
      );
      const csv = Buffer.from(['h,i', ...cells].join(pick(random, ['\n', '\r\n'])));
      const counter = createRowCounter('csv');
      for (let at = 0; at < csv.length; ) {
        const size = between(random, 1, 7);
        counter?.push(csv.subarray(at, at + size));
        at += size;
      }
      expect(counter?.end()).toEqual({ rows: cells.filter((cell) => cell !== '').length, bad: undefined });
    }
  });

  it('finds a comma behind a last member, wherever the chunks are cut', () => {
    const looks = (text: string, size: number) => {
      const counter = createRowCounter('jsonl');
      for (let at = 0; at < text.length; at += size) counter?.push(Buffer.from(text.slice(at, at + size)));
      return counter?.end();
    };
    for (const size of [1, 2, 3, 100]) {
      for (const text of ['{"a":1,}\n', '{"a":[1, \r\t]}\n']) {
        expect(looks(text, size)).toEqual({ rows: 1, mayHaveLooseCommas: true });
      }
      expect(looks('{"a":[1,{}], "b":"x,"}\n{}', size)).toEqual({ rows: 2, mayHaveLooseCommas: false });
    }
  });
});
