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
  return makeList('jsonl', files.map((records, at) => put(`processed/${at}.jsonl`, records)));
}

const record = (id: string, text: string | null, timestamp: string, more: object = {}) => ({ id, text, timestamp, ...more });
const held = async () => await redshift.database.raw('SELECT id, text, timestamp::text AS at FROM transcription_results ORDER BY id');

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
    const again = await redshift.database.raw('SELECT count(*) AS n FROM mlops_loads');
    expect(again[0]?.n).toBe(1);
  });
});
