import { describe, expect, it } from 'vitest';
import { errorOf } from '../../support/errors.js';
import { seeded } from '../../support/random.js';
import { runSql, testWarehouse } from '../../support/warehouse/open.js';
import { expectedRows, lines, makeRecord, shuffledEvents } from '../../support/warehouse/records.js';

const essentials = `SELECT id, text, strftime("timestamp", '%Y-%m-%dT%H:%M:%S') FROM transcription_results ORDER BY id`;

describe('copying into DuckDB', () => {
  it('loads a record as it is', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    const record = makeRecord(1, { warnings: [{ kind: 'runaway', start_s: 1, end_s: 2 }] });
    await put({ 'a.jsonl': lines([record]) });
    const { status, counts, columns } = await warehouse.copy(await list());
    expect({ status, counts }).toEqual({
      status: 'loaded',
      counts: { rowsInFiles: 1, staged: 1, duplicates: 0, stale: 0, inserted: 1, updated: 0 },
    });
    expect(columns).toEqual(Object.keys(record));
    expect(await rows('SELECT * FROM transcription_results')).toEqual([
      Object.values({ ...record, timestamp: '2026-01-31T12:00:00', uploaded_at: '2026-01-31T11:00:00' }),
    ]);
  });

  it('does nothing when the same contents come again, also under other names', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    await put({ 'a.jsonl': lines([makeRecord(1), makeRecord(2)]) });
    const first = await warehouse.copy(await list());
    await put({ 'moved/b.ndjson': lines([makeRecord(1), makeRecord(2)]) });
    const again = await warehouse.copy(await list('in/moved'));
    expect(again).toEqual({ ...first, status: 'already-loaded' });
    expect(await rows('SELECT count(*) FROM mlops_loads')).toEqual([[1]]);
  });

  it.each([
    ['dropped', 'DROP TABLE transcription_results'],
    ['made anew', 'CREATE OR REPLACE TABLE transcription_results (id VARCHAR, text VARCHAR, "timestamp" TIMESTAMP)'],
    ['emptied', 'TRUNCATE transcription_results'],
  ])('loads again what was in a table that was %s, and keeps the ledger when that fails', async (_, sql) => {
    const { path, warehouse, put, list, rows } = await testWarehouse();
    await put({ 'a.jsonl': lines([makeRecord(1), makeRecord(2)]), 'b.jsonl': lines([makeRecord(3)]) });
    const [first, second] = [await list('in/a.jsonl'), await list('in/b.jsonl')];
    await warehouse.copy(first);
    await warehouse.copy(second);
    await runSql(path, sql);
    const stopped = { onStep: () => Promise.reject(new Error('stopped here')) };
    expect((await errorOf(() => warehouse.copy(first, stopped))).code).toBe('LOAD_FAILED');
    expect(await rows('SELECT count(*) FROM mlops_loads')).toEqual([[2]]);

    expect((await warehouse.copy(first)).status).toBe('loaded');
    expect((await warehouse.copy(second)).status).toBe('loaded');
    expect((await warehouse.copy(first)).status).toBe('already-loaded');
    expect(await rows('SELECT count(*) FROM transcription_results')).toEqual([[3]]);
    expect(await rows('SELECT count(*) FROM mlops_loads')).toEqual([[2]]);
  });

  it('knows a load of no rows again, also in a table without any', async () => {
    const { warehouse, put, list } = await testWarehouse();
    await put({ 'a.jsonl': '' });
    await warehouse.copy(await list());
    expect((await warehouse.copy(await list())).status).toBe('already-loaded');
  });

  it('lets the later timestamp win, then the greater text, whatever the order of loads', async () => {
    const early = makeRecord(1, { timestamp: '2026-01-31T12:00:00Z', text: 'z' });
    const late = makeRecord(1, { timestamp: '2026-01-31T13:00:00Z', text: 'a' });
    const tie = makeRecord(1, { timestamp: '2026-01-31T13:00:00Z', text: 'b' });
    for (const order of [
      [early, late, tie],
      [tie, late, early],
      [late, tie, early],
    ]) {
      const { warehouse, put, list, rows } = await testWarehouse();
      for (const [at, record] of order.entries()) {
        await put({ [`${at}.jsonl`]: lines([record]) });
        await warehouse.copy(await list(`in/${at}.jsonl`));
      }
      expect(await rows('SELECT text FROM transcription_results')).toEqual([['b']]);
    }
  });

  it('counts what was doubled, stale, new and changed', async () => {
    const { warehouse, put, list } = await testWarehouse();
    await put({ 'a.jsonl': lines([makeRecord(1), makeRecord(2)]) });
    await warehouse.copy(await list());
    const later = { timestamp: '2026-02-01T00:00:00Z' };
    await put({ 'b.jsonl': lines([makeRecord(1), makeRecord(2, later), makeRecord(2), makeRecord(3), makeRecord(3)]) });
    const { counts } = await warehouse.copy(await list('in/b.jsonl'));
    expect(counts).toEqual({ rowsInFiles: 5, staged: 5, duplicates: 2, stale: 1, inserted: 1, updated: 1 });
  });

  it('reads instants with an offset, without one as UTC', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    const instants = [
      '2026-01-31T12:00:00+02:00',
      '2026-01-31T10:00:00Z',
      '2026-01-31 10:00:00',
      '2026-01-31T04:30:00-05:30',
    ];
    await put({ 'a.jsonl': lines(instants.map((timestamp, at) => makeRecord(at, { timestamp }))) });
    await warehouse.copy(await list());
    expect(await rows('SELECT DISTINCT "timestamp" FROM transcription_results')).toEqual([['2026-01-31T10:00:00']]);
  });

  it('keeps texts to the letter: a megabyte, quotes, line ends, other scripts, none', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    const texts = ['x'.repeat(2 ** 20), 'a "b"\n\'c\'\r\n\t\\ ; -- DROP', 'naïve 日本語 😀 \u{0}end', '', null];
    await put({ 'a.jsonl.gz': lines(texts.map((text, at) => makeRecord(at, { text, source: `${at}` }))) });
    await warehouse.copy(await list());
    expect(await rows('SELECT text FROM transcription_results ORDER BY source')).toEqual(texts.map((text) => [text]));
  });

  it('takes a text that is JSON, when it was a text in the file', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    await put({ 'a.jsonl': lines([makeRecord(1, { text: '{"a": 1}' }), makeRecord(2, { text: '[MUSIC]' })]) });
    await warehouse.copy(await list());
    expect(await rows('SELECT text FROM transcription_results ORDER BY text')).toEqual([['[MUSIC]'], ['{"a": 1}']]);
  });

  it('equals a plain model of the rule for doubled and shuffled events, in one part or in many', async () => {
    const events = shuffledEvents(seeded(7), 300);
    const counted = [];
    for (const partBytes of [2 ** 30, 1, 20_000]) {
      const { warehouse, put, list, rows } = await testWarehouse({ partBytes });
      const perFile = 37;
      for (let at = 0; at < events.length; at += perFile) {
        await put({ [`${at % 4}/${at}.jsonl`]: lines(events.slice(at, at + perFile)) });
      }
      const loads = [];
      for (const part of [2, 0, 3, 1, 0]) loads.push((await warehouse.copy(await list(`in/${part}`))).counts);
      loads.push((await warehouse.copy(await list('in'))).counts);
      expect(loads.some(({ stale }) => stale > 0) && loads.some(({ updated }) => updated > 0)).toBe(true);
      expect(await rows(essentials)).toEqual(expectedRows(events));
      counted.push(loads);
    }
    expect(counted[1]).toEqual(counted[0]);
    expect(counted[2]).toEqual(counted[0]);
  });

  it('takes one of two loads of the same at a time', async () => {
    const { warehouse, put, list, rows } = await testWarehouse();
    await put({ 'a.jsonl': lines([makeRecord(1), makeRecord(2)]), 'b.jsonl': lines([makeRecord(2), makeRecord(3)]) });
    const lists = await Promise.all([list('in/a.jsonl'), list('in/b.jsonl'), list('in/a.jsonl')]);
    const results = await Promise.all(lists.map((one) => warehouse.copy(one)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(['already-loaded', 'loaded', 'loaded']);
    expect(await rows('SELECT count(*), count(DISTINCT id) FROM transcription_results')).toEqual([[3, 3]]);
  });

  it('says so when there is nothing to load', async () => {
    const { warehouse, put, list } = await testWarehouse();
    await put({ 'a.jsonl': '\n\n' });
    const { counts, status } = await warehouse.copy(await list());
    expect({ status, rows: counts.rowsInFiles }).toEqual({ status: 'loaded', rows: 0 });
  });
});
