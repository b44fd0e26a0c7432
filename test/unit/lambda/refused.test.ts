import { expect, test } from 'vitest';
import { SourceError } from '../../../src/lib/warehouse/errors.js';
import type { SourceList } from '../../../src/lib/warehouse/sources/list.js';
import type { Warehouse } from '../../../src/lib/warehouse/types.js';
import { loadBench, record } from '../../support/lambda/load-bench.js';

const day = '2026-01-01';
const records = (...numbers: readonly number[]) => numbers.map((number) => record(number));
const ids = (...numbers: readonly number[]) => records(...numbers).map(({ id, text }) => [id, text]);

/** Counts the loads that were tried. */
function counting() {
  const tried: number[] = [];
  const wrap = (warehouse: Warehouse): Warehouse => ({
    ...warehouse,
    copy: (list, options) => {
      tried.push(list.objects.length);
      return warehouse.copy(list, options);
    },
  });
  return { tried, wrap };
}

test('one object that is no result keeps no other from being loaded, and does not wake the warehouse again', async () => {
  const { put, putBad, run, rows, metrics, opens, said, s3 } = await loadBench();
  put(day, ...records(1, 2, 3, 4, 5));
  const bad = putBad(day, 3, `${JSON.stringify(record(3))}\n{"half":`);
  const { tried, wrap } = counting();
  const source = `s3://data/${bad}`;
  expect(await run({ wrap })).toMatchObject({
    refused: [{ source, code: 'BAD_RECORD', message: expect.stringMatching(/^Line 2: /) }],
    refusedBefore: 0,
    failed: [],
    isMoreLeft: false,
  });
  // The error says which: all of it, and the rest.
  expect(tried).toEqual([5, 4]);
  expect(await rows()).toEqual(ids(1, 2, 4, 5));
  expect(metrics()).toMatchObject({ LoadsDone: 1, LoadsFailed: 0, LoadsRefused: 1, RowsLoaded: 4 });

  const note = [...s3.objects.keys()].find((key) => key.endsWith(`/${day}/refused.json`)) ?? '';
  expect(JSON.parse(s3.text('data', note.slice('data/'.length)) ?? '')).toMatchObject({
    refused: [{ key: bad, code: 'BAD_RECORD', reason: expect.stringMatching(/^Line 2: /), at: expect.any(String) }],
  });
  const line = said.find((text) => text.includes('is refused')) ?? '';
  expect(line).toContain(`${source} is refused: BAD_RECORD: Line 2: `);
  expect(line).toContain(`It is tried again when it is replaced, or when s3://${note} is deleted`);
  expect(line).not.toContain('Nothing was loaded');

  expect(opens.count).toBe(1);
  expect(await run()).toMatchObject({ loads: [], refused: [], refusedBefore: 1 });
  expect(metrics()).toMatchObject({ LoadsFailed: 0, LoadsRefused: 0 });
  expect(said.at(-1)).toContain('1 result stays refused');
  expect(opens.count).toBe(1);
});

test('what was refused is tried again when it is replaced, and when its note is deleted', async () => {
  const { put, putBad, run, rows, opens, s3 } = await loadBench();
  putBad(day, 1);
  putBad(day, 2);
  s3.put('data', 'processed/loose.jsonl', 'no JSON');
  expect(await run()).toMatchObject({ refused: [{}, {}, {}] });
  put(day, record(1));
  expect(await run()).toMatchObject({ loads: [{ files: 1 }], refused: [], refusedBefore: 2 });
  // The old entry says nothing of what is there now.
  expect(await run()).toMatchObject({ loads: [], refusedBefore: 2 });
  expect(opens.count).toBe(2);
  for (const key of s3.objects.keys()) if (key.endsWith('refused.json')) s3.objects.delete(key);
  expect(await run()).toMatchObject({ loads: [], refused: [{}, {}], refusedBefore: 0 });
  expect(await rows()).toEqual(ids(1));
});

test('many bad objects among good ones: each is named, and not everything is read again for each', async () => {
  const { put, putBad, run, rows } = await loadBench();
  const all = Array.from({ length: 64 }, (_, number) => number);
  const isBad = (number: number) => number % 8 === 3;
  put(day, ...records(...all.filter((number) => !isBad(number))));
  for (const number of all.filter(isBad)) putBad(day, number);
  const { tried, wrap } = counting();
  const { refused } = (await run({ wrap })) as { refused: readonly { source: string }[] };
  expect(refused).toHaveLength(8);
  expect(await rows()).toEqual(ids(...all.filter((number) => !isBad(number))));
  expect(tried.reduce((sum, objects) => sum + objects, 0)).toBeLessThan(64 * (1 + Math.log2(64)));
});

test('an engine that does not say which object it was is asked for halves', async () => {
  const { put, run, rows } = await loadBench();
  put(day, ...records(1, 2, 3, 4, 5));
  const bad = record(4).id;
  const vague = (warehouse: Warehouse): Warehouse => ({
    ...warehouse,
    copy: async (list: SourceList, options) => {
      if (list.objects.some((object) => object.kind === 'object' && object.key.includes(bad))) {
        const details = { code: 'BAD_RECORD', source: `One of ${list.objects.length} files`, reason: 'No id.' };
        throw new SourceError('One of these is not a transcript record', details);
      }
      return await warehouse.copy(list, options);
    },
  });
  const refused = [{ source: `s3://data/processed/${day}/${bad}.jsonl`, code: 'BAD_RECORD', message: 'No id.' }];
  expect(await run({ wrap: vague })).toMatchObject({ refused });
  expect(await rows()).toEqual(ids(1, 2, 3, 5));
});

test('a run without time for the rest has still set the bad one aside', async () => {
  const { put, putBad, run, rows } = await loadBench();
  put(day, ...records(1, 3));
  putBad(day, 2);
  const short = () => ({ deadlineMs: Date.now() + 60_000 });
  expect(await run({}, short())).toMatchObject({ loads: [], refused: [{}], isMoreLeft: true });
  expect(await run({}, short())).toMatchObject({ loads: [{ files: 2 }], refusedBefore: 1, isMoreLeft: false });
  expect(await rows()).toEqual(ids(1, 3));
});

test('an object that is replaced while it is loaded is of the next run', async () => {
  const { put, run, rows, metrics, s3 } = await loadBench();
  put(day, ...records(1, 2));
  let isFirst = true;
  const replacing = (warehouse: Warehouse): Warehouse => ({
    ...warehouse,
    copy: (list, options) => {
      if (isFirst) put(day, { ...record(2), language: 'de' });
      isFirst = false;
      return warehouse.copy(list, options);
    },
  });
  const failed = [{ source: `s3://data/processed/${day}/${record(2).id}.jsonl`, code: 'SOURCE_CHANGED' }];
  expect(await run({ wrap: replacing })).toMatchObject({ loads: [{ files: 1 }], refused: [], failed });
  expect(metrics()).toMatchObject({ LoadsFailed: 1, LoadsRefused: 0, RowsLoaded: 1 });
  expect([...s3.objects.keys()].filter((key) => key.endsWith('refused.json'))).toEqual([]);
  expect(await run()).toMatchObject({ loads: [{ files: 1 }], failed: [] });
  expect(await rows()).toEqual(ids(1, 2));
});
