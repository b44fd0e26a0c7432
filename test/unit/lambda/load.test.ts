import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { OperationError } from '../../../src/lib/base/errors/mlops-error.js';
import { inBatches } from '../../../src/lib/lambda/load/find-new.js';
import type { S3Objects } from '../../../src/lib/platform/aws/s3-objects.js';
import type { S3Object } from '../../../src/lib/warehouse/sources/list.js';
import type { Warehouse } from '../../../src/lib/warehouse/types.js';
import { errorOf } from '../../support/errors.js';
import { loadBench, record } from '../../support/lambda/load-bench.js';

const expected = (...records: readonly { id: string; text: string }[]) => records.map(({ id, text }) => [id, text]);

test('what is new is loaded; with nothing new the warehouse is not even opened', async () => {
  const { put, run, rows, metrics, opens, s3 } = await loadBench();
  expect(await run()).toEqual({ loads: [], refused: [], refusedBefore: 0, failed: [], isMoreLeft: false });
  expect(metrics()).toMatchObject({ Project: 'calls', LoadsDone: 0, LoadsFailed: 0, LoadsRefused: 0, RowsLoaded: 0 });
  put('2026-01-02', record(1), record(2));
  s3.put('data', 'processed/errors.jsonl', 'a log of failures');
  s3.put('data', 'processed/readme.txt', 'nothing to load');
  expect(await run()).toMatchObject({ loads: [{ status: 'loaded', files: 2, counts: { inserted: 2 } }] });
  expect(metrics()).toMatchObject({ LoadsDone: 1, LoadsFailed: 0, RowsLoaded: 2 });
  expect(opens.count).toBe(1);
  expect(await run()).toMatchObject({ loads: [] });
  expect(opens.count).toBe(1);
  expect(await rows()).toEqual(expected(record(1), record(2)));
});

test('late results of an old day, replaced ones, loose ones and CSV are found', async () => {
  const { put, run, rows, s3 } = await loadBench();
  put('2026-01-05', record(5));
  await run();
  put('2026-01-01', record(1));
  put('2026-01-05', record(5, 'better', '2026-02-01T00:00:00.000Z'));
  s3.put('data', 'processed/loose.wav.jsonl', JSON.stringify(record(7)));
  const { id, text, timestamp } = record(8);
  s3.put('data', 'processed/2026-01-05/8.csv', `id,text,timestamp\r\n${id},${text},${timestamp}\r\n`);
  expect(await run()).toMatchObject({ loads: [{ files: 3 }, { files: 1 }], isMoreLeft: false });
  expect(await run()).toMatchObject({ loads: [] });
  expect(await rows()).toEqual(expected(record(1), record(5, 'better'), record(7), record(8)));
});

/** Dies at its call number `at`, as a run does whose function is killed there: nothing after it works either. */
function dying(s3: S3Objects, at: number) {
  let calls = 0;
  const alive = () => {
    calls += 1;
    if (calls >= at) throw new Error('killed');
  };
  const one: S3Objects = {
    async *listObjects(...args) {
      alive();
      yield* s3.listObjects(...args);
    },
    headObject: async (...args) => [alive(), await s3.headObject(...args)][1] as never,
    openObject: async (...args) => [alive(), await s3.openObject(...args)][1] as never,
    readText: async (...args) => [alive(), await s3.readText(...args)][1] as never,
    putObject: async (...args) => [alive(), await s3.putObject(...args)][1] as never,
  };
  return { s3: one, hasDied: () => calls >= at };
}

test('a run that dies at any call loses nothing and loads nothing twice', async () => {
  for (let at = 1, isDone = false; !isDone; at += 1) {
    const { put, run, rows, s3 } = await loadBench();
    put('2026-01-01', record(1), record(2));
    put('2026-01-02', record(3));
    const { s3: through, hasDied } = dying(s3, at);
    await run({ through }).catch(() => undefined);
    isDone = !hasDied();
    put('2026-01-02', record(4));
    await run();
    expect(await rows(), `dead at call ${at}`).toEqual(expected(record(1), record(2), record(3), record(4)));
    expect(await run(), `dead at call ${at}`).toMatchObject({ loads: [] });
    if (at > 100) throw new Error('a run has no end');
  }
});

test('a transaction that is rolled back is the error of the run, and the next run has it all', async () => {
  const { put, run, rows, metrics } = await loadBench();
  put('2026-01-02', record(1));
  const failing = (warehouse: Warehouse): Warehouse => ({
    ...warehouse,
    copy: () => Promise.reject(new OperationError('Loading failed', { code: 'LOAD_FAILED' })),
  });
  expect(await errorOf(() => run({ wrap: failing }))).toMatchObject({ code: 'LOAD_FAILED' });
  expect(metrics()).toMatchObject({ LoadsDone: 0, LoadsFailed: 1, RowsLoaded: 0 });
  await run();
  expect(await rows()).toEqual(expected(record(1)));
});

test('a table that was dropped gets everything again, however much was noted as loaded', async () => {
  const { put, run, rows, path } = await loadBench();
  put('2026-01-01', record(1), record(2));
  await run();
  await rm(path);
  put('2026-01-02', record(3));
  await run();
  expect(await rows()).toEqual(expected(record(1), record(2), record(3)));
});

test('a run lists the results once, also when there is something to load', async () => {
  const { put, run, rows, s3 } = await loadBench();
  put('2026-01-01', record(1), record(2));
  await run();
  put('2026-01-01', record(3));
  put('2026-01-02', record(4), record(5));
  const listed: string[] = [];
  const through: S3Objects = Object.create(s3, {
    listObjects: {
      value: (bucket: string, prefix: string) => {
        listed.push(prefix);
        return s3.listObjects(bucket, prefix);
      },
    },
  });
  expect(await run({ through })).toMatchObject({ loads: [{ files: 3 }] });
  expect(listed.filter((prefix) => prefix === 'processed/')).toHaveLength(1);
  expect(await rows()).toHaveLength(5);
});

test('without the time for another load it says that there is more, and the next run goes on', async () => {
  const { put, run, lines, rows, s3 } = await loadBench();
  put('2026-01-01', record(1));
  const { id, text, timestamp } = record(2);
  s3.put('data', 'processed/2026-01-01/2.csv', `id,text,timestamp\r\n${id},${text},${timestamp}\r\n`);
  const short = () => ({ deadlineMs: Date.now() + 60_000 });
  expect(await run({}, short())).toMatchObject({ loads: [{ files: 1 }], isMoreLeft: true });
  expect(lines).toHaveLength(1);
  expect(await run({}, short())).toMatchObject({ loads: [{ files: 1 }], isMoreLeft: false });
  expect(await rows()).toEqual(expected(record(1), record(2)));
});

test('notes that cannot be read are said, not taken for empty', async () => {
  const { put, run, s3, metrics } = await loadBench();
  put('2026-01-01', record(1));
  await run();
  const note = [...s3.objects.keys()].find((key) => key.startsWith('data/loaded/duckdb-')) ?? '';
  expect(note).toMatch(/\/2026-01-01\/loaded\.json$/);
  s3.put('data', note.slice('data/'.length), '{}');
  const error = await errorOf(() => run());
  expect(error).toMatchObject({ code: 'LOADED_UNREADABLE', actions: [expect.stringContaining('Delete it')] });
  expect(metrics()).toMatchObject({ LoadsDone: 0 });
});

test('nothing is loaded again when the folder of loads is emptied, as a rule of the bucket may do', async () => {
  const { put, run, s3, opens } = await loadBench();
  put('2026-01-01', record(1));
  await run();
  s3.put('data', 'loads/part.jsonl', 'x');
  for (const key of s3.objects.keys()) if (key.startsWith('data/loads/')) s3.objects.delete(key);
  expect(await run()).toMatchObject({ loads: [] });
  expect(opens.count).toBe(1);
});

test('loads are bounded in objects and in bytes, each of one format', async () => {
  const object = (key: string, bytes: number): S3Object => {
    return { kind: 'object', bucket: 'data', key, etag: '"e"', bytes, isGzip: false };
  };
  async function* objects() {
    for (const [at, bytes] of [5, 5, 5, 90, 20, 1].entries()) yield object(`${at}.jsonl`, bytes);
    yield object('x.csv', 1);
  }
  const batches: string[] = [];
  for await (const batch of inBatches(objects(), { objects: 2, bytes: 100 })) {
    batches.push(`${batch.format} ${batch.objects.map(({ bytes }) => bytes).join('+')}`);
  }
  expect(batches).toEqual(['jsonl 5+5', 'jsonl 5+90', 'jsonl 20+1', 'csv 1']);
});
