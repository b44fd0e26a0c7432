import { makeList, type S3Object, type SourceList } from '../../../src/lib/warehouse/sources/list.js';
import { bucket, etagOf, MemoryS3 } from './warehouse.js';

/** Objects of JSON lines in an S3 in memory, and the lists that name them. */
export class SourceObjects {
  readonly s3 = new MemoryS3();

  put(key: string, records: readonly object[]): S3Object {
    const body = records.map((each) => `${JSON.stringify(each)}\n`).join('');
    this.s3.objects.set(`${bucket}/${key}`, body);
    return { kind: 'object', bucket, key, etag: etagOf(body), bytes: Buffer.byteLength(body), isGzip: false };
  }

  list(...files: (readonly object[])[]): SourceList {
    return makeList(
      'jsonl',
      files.map((records, at) => this.put(`processed/${at}.jsonl`, records)),
    );
  }
}

export function record(id: string, text: string | null, timestamp: string, more: object = {}): object {
  return { id, text, timestamp, ...more };
}

/** Midnight of a day of January 2026. */
export function day(number: number): string {
  return `2026-01-${String(number).padStart(2, '0')}T00:00:00Z`;
}
