import { expect, test } from 'vitest';
import { committedLoads } from '../../../src/lib/lambda/load/ledger.js';
import { LoadedStore } from '../../../src/lib/lambda/load/loaded.js';
import type { WarehouseSettings } from '../../../src/lib/warehouse/settings.js';
import { parseTableName } from '../../../src/lib/warehouse/sql/identifier.js';
import { FakeS3 } from '../../support/recordings/fake-s3.js';
import { testWarehouse } from '../../support/warehouse/open.js';
import { lines, makeRecord } from '../../support/warehouse/records.js';

const loadId = 'f'.repeat(64);
const object = (key: string) =>
  ({ kind: 'object', bucket: 'data', key, etag: `"${key}"`, bytes: 1, isGzip: false }) as const;

test('two runs at once lose nothing of what the other one notes', async () => {
  const s3 = new FakeS3();
  const table = parseTableName('transcription_results');
  const warehouse: WarehouseSettings = { engine: 'duckdb', table, duckdb: { path: '/w' }, redshift: {} };
  const open = () =>
    LoadedStore.open(s3, { bucket: 'data', prefix: 'loaded/', warehouse }, new AbortController().signal);
  const keys = async () => [...(await (await open()).read('day')).loaded.keys()].toSorted();
  // Neither knows of a note; then both have read the same one.
  const runs = [await open(), await open()];
  for (const [at, run] of runs.entries()) await run.add('day', [object(`${at}`)], loadId);
  expect(await keys()).toEqual(['0', '1']);
  await Promise.all(runs.map((run, at) => run.add('day', [object(`${at + 2}`)], loadId)));
  expect(await keys()).toEqual(['0', '1', '2', '3']);
  const refusal = { code: 'BAD_RECORD', reason: 'No id.', at: new Date(0) };
  await Promise.all(runs.map((run, at) => run.refuse('day', object(`${at}`), refusal)));
  expect((await (await open()).read('day')).refused.size).toBe(2);
});

test('a load into another table of the same warehouse is not one of this table', async () => {
  const { warehouse, put, list } = await testWarehouse({ table: 'others' });
  await put({ 'a.jsonl': lines([makeRecord(1)]) });
  const { loadId: id } = await warehouse.copy(await list());
  const { signal } = new AbortController();
  expect(await committedLoads(warehouse, parseTableName('others'), signal)).toEqual(new Set([id]));
  expect(await committedLoads(warehouse, parseTableName('transcription_results'), signal)).toEqual(new Set());
});
