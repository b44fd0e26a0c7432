import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeList, type S3Object, type SourceList } from '../../../src/lib/warehouse/sources/list.js';
import { type RedshiftStandIn, startRedshift } from '../../support/redshift/server.js';
import { bucket, etagOf, MemoryS3, openStandIn } from '../../support/redshift/warehouse.js';

const s3 = new MemoryS3();
let redshift: RedshiftStandIn;

beforeAll(async () => {
  redshift = await startRedshift(async (name, key) => s3.objects.get(`${name}/${key}`));
});
afterAll(async () => await redshift.stop());
beforeEach(async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', redshift.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing');
  s3.objects.clear();
  redshift.queue.watch = () => {};
  await redshift.database.raw('DROP TABLE IF EXISTS transcription_results; DROP TABLE IF EXISTS mlops_loads');
});

const open = (table?: string, more?: object) => openStandIn(table, { s3: async () => s3 }, more);

function put(key: string, records: readonly object[]): S3Object {
  const body = records.map((record) => `${JSON.stringify(record)}\n`).join('');
  s3.objects.set(`${bucket}/${key}`, body);
  return { kind: 'object', bucket, key, etag: etagOf(body), bytes: Buffer.byteLength(body), isGzip: false };
}

function list(...files: (readonly object[])[]): SourceList {
  return makeList(
    'jsonl',
    files.map((records, at) => put(`processed/${at}.jsonl`, records)),
  );
}

const record = (id: string, text: string | null, timestamp: string, more: object = {}) => ({
  id,
  text,
  timestamp,
  ...more,
});
const held = async () =>
  await redshift.database.raw('SELECT id, text, timestamp::text AS at FROM transcription_results ORDER BY id');

const day = (number: number) => `2026-01-${String(number).padStart(2, '0')}T00:00:00Z`;

describe('a table that was dropped', () => {
  it('gets everything again, and what another table has stays known', async () => {
    const sources = list([record('a', 'x', day(1))]);
    const other = await open('calls');
    try {
      await other.copy(sources);
      const warehouse = await open();
      await warehouse.copy(sources);
      await redshift.database.raw('DROP TABLE transcription_results');
      expect(await warehouse.copy(sources)).toMatchObject({ status: 'loaded', counts: { inserted: 1 } });
      expect(await held()).toHaveLength(1);
      expect(await other.copy(sources)).toMatchObject({ status: 'already-loaded' });
    } finally {
      await redshift.database.raw('DROP TABLE IF EXISTS calls');
    }
  });
});

describe('rows of one id, time and text', () => {
  it('keeps what is there at the same text too, and takes the same one of a load in any order', async () => {
    const of = (model: string) => record('a', 'x', day(1), { model });
    const models = async () => await redshift.database.raw('SELECT model FROM transcription_results');
    const warehouse = await open();
    for (const [first, second] of [
      ['A', 'B'],
      ['B', 'A'],
    ] as const) {
      await warehouse.copy(list([of(first)]));
      const { counts } = await warehouse.copy(list([of(second)]));
      expect(counts).toMatchObject({ stale: 1, updated: 0 });
      expect(await models()).toEqual([{ model: first }]);
      await redshift.database.raw('DROP TABLE transcription_results');
    }
    await warehouse.copy(list([of('A'), of('B')]));
    const taken = await models();
    await redshift.database.raw('DROP TABLE transcription_results');
    await warehouse.copy(list([of('B')], [of('A')]));
    expect(await models()).toEqual(taken);
  });
});
