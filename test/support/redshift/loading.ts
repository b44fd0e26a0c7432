import { vi } from 'vitest';
import { makeList, type S3Object, type SourceList } from '../../../src/lib/warehouse/sources/list.js';
import { type RedshiftStandIn, startRedshift } from './server.js';
import { bucket, etagOf, MemoryS3, openStandIn } from './warehouse.js';

/** Loads of records that a test writes down, from an S3 in memory into the stand-in. */
export function redshiftLoading() {
  const s3 = new MemoryS3();
  let redshift: RedshiftStandIn;

  function put(key: string, records: readonly object[]): S3Object {
    const body = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    s3.objects.set(`${bucket}/${key}`, body);
    return { kind: 'object', bucket, key, etag: etagOf(body), bytes: Buffer.byteLength(body), isGzip: false };
  }

  return {
    s3,
    put,
    /** For `beforeAll`; the caller stops it. */
    start: async () => {
      redshift = await startRedshift(async (name, key) => s3.objects.get(`${name}/${key}`));
      return redshift;
    },
    /** For `beforeEach`: no tables, no objects, nobody who watches. */
    clear: async () => {
      vi.stubEnv('AWS_ENDPOINT_URL', redshift.url);
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'testing');
      vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'testing');
      s3.objects.clear();
      redshift.queue.watch = () => {};
      await redshift.database.raw('DROP TABLE IF EXISTS transcription_results; DROP TABLE IF EXISTS mlops_loads');
    },
    open: (table?: string, more?: object) => openStandIn(table, { s3: async () => s3 }, more),
    /** A file for each list of records. */
    list: (...files: (readonly object[])[]): SourceList =>
      makeList(
        'jsonl',
        files.map((records, at) => put(`processed/${at}.jsonl`, records)),
      ),
    held: async () =>
      await redshift.database.raw('SELECT id, text, timestamp::text AS at FROM transcription_results ORDER BY id'),
  };
}

export function record(id: string, text: string | null, timestamp: string, more: object = {}) {
  return { id, text, timestamp, ...more };
}
