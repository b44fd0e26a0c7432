import { appendFile, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixSources } from '../../../src/lib/warehouse/sources/fix-sources.js';
import type { SourceList } from '../../../src/lib/warehouse/sources/list.js';
import { copySteps } from '../../../src/lib/warehouse/types.js';
import { errorOf } from '../../support/errors.js';
import { runSql, testWarehouse } from '../../support/warehouse/open.js';
import { lines, makeRecord } from '../../support/warehouse/records.js';

const good = lines([makeRecord(1)]);
const oneLine = (given: Record<string, unknown>) => JSON.stringify({ ...makeRecord(2), ...given });

const badLines: Readonly<Record<string, readonly [line: string, why: string]>> = {
  'no JSON': ['hello', 'no JSON'],
  'cut off': ['{"id": "a", "text": "b', 'no JSON'],
  'two records on a line': [`${oneLine({})} ${oneLine({})}`, 'no JSON'],
  'a list': ['[]', 'no object'],
  null: ['null', 'no object'],
  'a record over several lines': ['{\n"id": "a"\n}', 'goes on over several'],
  'no id': [oneLine({ id: undefined }), 'no id'],
  'an empty id': [oneLine({ id: '' }), 'no id'],
  'an id with a blank at its end': [oneLine({ id: 'a ' }), 'Its id ends with a blank'],
  'an id of 51 bytes in 50 characters': [oneLine({ id: `é${'x'.repeat(49)}` }), 'has 51 bytes, the table takes 50'],
  'no timestamp': [oneLine({ timestamp: null }), 'no timestamp'],
  'a timestamp that is none': [oneLine({ timestamp: 'yesterday' }), 'no instant'],
  'a number as timestamp': [oneLine({ timestamp: 1_767_225_600 }), 'no instant'],
  'the end of time': [oneLine({ timestamp: 'infinity' }), 'no instant'],
  'a text that is an object': [oneLine({ text: { a: 1 } }), 'text is no text'],
  'a duration that is a word': [oneLine({ duration_s: 'long' }), 'duration_s is no number'],
  'a rate that is no whole number': [oneLine({ sample_rate_hz: 16_000.5 }), 'sample_rate_hz is no whole number'],
  'a duration that is true': [oneLine({ duration_s: true }), 'duration_s is no number'],
  'a duration in quotes': [oneLine({ duration_s: '12.5' }), 'duration_s is no number'],
  'a source that is an object': [oneLine({ source: { a: 1 } }), 'source is no text'],
  'segments that are a broken text': [oneLine({ segments: '[not json' }), 'segments is no JSON'],
  'an offset of more than a day': [oneLine({ timestamp: '2026-01-31T12:00:00+25:00' }), 'no instant'],
  'an instant with the name of a zone': [oneLine({ uploaded_at: '2026-01-31 12:00:00 Europe/Berlin' }), 'no instant'],
  'an instant of single digits': [oneLine({ timestamp: '2026-1-3 1:2:3Z' }), 'no instant'],
  'half a character': [oneLine({ text: '\ud83d' }), 'half a character'],
};

describe('what is no record', () => {
  it('stops the load, with its file and line, and nothing is loaded', async () => {
    const { dir, warehouse, put, list, rows } = await testWarehouse();
    await warehouse.init();
    for (const [name, [line, why]] of Object.entries(badLines)) {
      await put({ 'a.jsonl': good, 'b.jsonl': `${good}\n${line}\n${good}` });
      const error = await errorOf(async () => warehouse.copy(await list()));
      expect([name, error.message]).toEqual([name, `${join(dir, 'in', 'b.jsonl')}, line 3 is not a transcript record`]);
      expect(error).toMatchObject({ code: 'BAD_RECORD', exitCode: 1, why: expect.stringContaining(why) });
    }
    expect(await rows('SELECT (SELECT count(*) FROM transcription_results) + count(*) FROM mlops_loads')).toEqual([
      [0],
    ]);
  });

  it('is found in CSV too: a whole number that is none', async () => {
    const { dir, warehouse, put, list } = await testWarehouse();
    await put({ 'a.csv': 'id,text,timestamp,channels\na,b,2026-01-31T12:00:00Z,2\nc,d,2026-01-31T12:00:00Z,1.5\n' });
    const error = await errorOf(async () => warehouse.copy(await list()));
    expect(error.message).toBe(`${join(dir, 'in', 'a.csv')}, line 3 is not a transcript record`);
    expect(error.why).toContain('channels is no whole number');
  });

  it('is not a whole number written with a point, nothing, or JSON as a text', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    const text = oneLine({ duration_s: null, channels: null, segments: '[1]' });
    await put({ 'a.jsonl': text.replace('16000', '1.6e4') });
    await warehouse.copy(await list());
    const sql = 'SELECT sample_rate_hz, duration_s, channels FROM transcription_results';
    expect(await rows(sql)).toEqual([[16_000, null, null]]);
  });

  it('names the file of bytes that are no UTF-8 and of what is no gzip', async () => {
    const { dir, warehouse, put, list } = await testWarehouse();
    await put({ 'a.jsonl': '' });
    await writeFile(join(dir, 'in', 'a.jsonl'), Buffer.from(good.replace('Text', 'T\xe9xt'), 'latin1'));
    expect((await errorOf(async () => warehouse.copy(await list()))).message).toContain('a.jsonl, line 1');
    await writeFile(join(dir, 'in', 'b.jsonl.gz'), good);
    expect((await errorOf(() => list('in/b.jsonl.gz'))).message).toContain('b.jsonl.gz is not a transcript record');
  });
});

describe('what changed since it was listed', () => {
  const tamper: Readonly<Record<string, (path: string) => Promise<void>>> = {
    'a line more': (path) => appendFile(path, good),
    'another text of the same length and time': async (path) => {
      await writeFile(path, good.replace('Text', 'Tixt'));
      await utimes(path, 1, 1);
    },
  };
  for (const [name, change] of Object.entries(tamper)) {
    it(`is not loaded: ${name}`, async () => {
      const { dir, warehouse, put, list, rows } = await testWarehouse();
      await put({ 'a.jsonl': good });
      const file = join(dir, 'in', 'a.jsonl');
      await utimes(file, 1, 1);
      const before = await list();
      await change(file);
      expect((await errorOf(() => warehouse.copy(before))).code).toBe('SOURCE_CHANGED');
      await warehouse.init();
      expect(await rows('SELECT count(*) FROM transcription_results')).toEqual([[0]]);
    });
  }

  it('is found when it changes while it is read', async () => {
    const { dir, warehouse, put, list } = await testWarehouse();
    await put({ 'a.jsonl': good });
    const fixed = await list();
    const onStep = () => appendFile(join(dir, 'in', 'a.jsonl'), ' ');
    expect((await errorOf(() => warehouse.copy(fixed, { onStep }))).code).toBe('SOURCE_CHANGED');
  });

  it('is found in the list itself', async () => {
    const { warehouse, put, list } = await testWarehouse();
    await put({ 'a.jsonl': good, 'b.jsonl': lines([makeRecord(2)]) });
    const fixed = await list();
    const [first, second] = fixed.objects as [SourceList['objects'][number], SourceList['objects'][number]];
    const forgeries: readonly SourceList[] = [
      { ...fixed, objects: [first] },
      { ...fixed, objects: [first, { ...second, digest: '0'.repeat(64) } as typeof second] },
      { ...fixed, objects: [first, first, second] },
      { ...fixed, bytes: 1 },
      { ...fixed, digest: '0'.repeat(64) },
    ];
    for (const forged of forgeries) expect((await errorOf(() => warehouse.copy(forged))).code).toBe('LIST_TAMPERED');
  });

  it('is found by its number of rows', async () => {
    const { warehouse, put, list } = await testWarehouse();
    await put({ 'a.jsonl': good });
    const fixed = await list();
    const forged = { ...fixed, objects: fixed.objects.map((object) => ({ ...object, rows: 2 })) } as SourceList;
    expect((await errorOf(() => warehouse.copy(forged))).code).toBe('COUNTS_DO_NOT_ADD_UP');
  });
});

describe('tables that people have', () => {
  it('are loaded with the columns they have', async () => {
    const { path, warehouse, put, list, rows } = await testWarehouse({ table: 'old.calls' });
    await runSql(
      path,
      'CREATE SCHEMA old; CREATE TABLE old.calls (id VARCHAR(50), text VARCHAR, "timestamp" TIMESTAMP, note VARCHAR)',
    );
    await put({ 'a.jsonl': good });
    const { columns, table } = await warehouse.copy(await list());
    expect({ columns, table }).toEqual({ columns: ['id', 'text', 'timestamp'], table: 'old.calls' });
    expect(await rows('SELECT text, note FROM old.calls')).toEqual([['Text of 1', null]]);
  });

  it('are refused when they cannot hold records', async () => {
    const { path, warehouse } = await testWarehouse();
    await runSql(path, 'CREATE TABLE transcription_results (id INTEGER, "timestamp" VARCHAR)');
    const error = await errorOf(() => warehouse.init());
    expect(error.code).toBe('TABLE_MISMATCH');
    expect(error.why?.split('\n')).toEqual([
      'It has no column text.',
      'The column id is INTEGER; expected VARCHAR.',
      'The column timestamp is VARCHAR; expected TIMESTAMP.',
    ]);
  });

  it('are not touched when they hold an id of the load twice', async () => {
    const { path, warehouse, put, list, rows } = await testWarehouse();
    await warehouse.init();
    const row = `('${makeRecord(1).id}', 'old', '2020-01-01')`;
    await runSql(path, `INSERT INTO transcription_results (id, text, "timestamp") VALUES ${row}, ${row}`);
    await put({ 'a.jsonl': lines([makeRecord(1), makeRecord(2)]) });
    const error = await errorOf(async () => warehouse.copy(await list()));
    expect(error).toMatchObject({ code: 'TARGET_NOT_UNIQUE', why: expect.stringContaining(String(makeRecord(1).id)) });
    expect(await rows('SELECT DISTINCT text FROM transcription_results')).toEqual([['old']]);
  });

  it('keep nothing of a load that fails at the last moment', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    await put({ 'a.jsonl': good });
    const fixed = await list();
    const error = await errorOf(() =>
      warehouse.copy(fixed, {
        onStep: (step) => {
          if (step === 'checked') throw new Error('the last moment');
        },
      }),
    );
    expect(error.code).toBe('LOAD_FAILED');
    await warehouse.init();
    expect(await rows('SELECT count(*) FROM transcription_results')).toEqual([[0]]);
  });
});

it('leaves nothing behind in the folder of the database', async () => {
  const { dir, warehouse, put, list } = await testWarehouse();
  await put({ 'a[1]*.jsonl': good });
  const { counts } = await warehouse.copy(await list());
  expect(counts.inserted).toBe(1);
  expect((await readdir(dir)).sort()).toEqual(['in', 'warehouse.duckdb']);
});

it('loads nothing when it is interrupted, at whatever step', async () => {
  const { dir, warehouse, put, list, rows } = await testWarehouse();
  await put({ 'a.jsonl': good });
  const fixed = await list();
  for (const wanted of copySteps.slice(0, -1)) {
    const controller = new AbortController();
    const onStep = (step: string) => {
      if (step === wanted) controller.abort('SIGINT');
    };
    const error = await errorOf(() => warehouse.copy(fixed, { signal: controller.signal, onStep }));
    expect([wanted, error.exitCode, error.why]).toEqual([wanted, 130, 'Nothing of this load is in the table.']);
  }
  const options = { cwd: dir, s3: () => Promise.reject(new Error('none')), signal: AbortSignal.abort('SIGINT') };
  expect((await errorOf(() => fixSources(['in'], options))).exitCode).toBe(130);
  await warehouse.init();
  expect(await rows('SELECT (SELECT count(*) FROM transcription_results) + count(*) FROM mlops_loads')).toEqual([[0]]);
});
