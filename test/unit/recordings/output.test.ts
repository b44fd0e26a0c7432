import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createBucketErrorLog } from '../../../src/lib/recordings/output/bucket-error-log.js';
import { Ledger } from '../../../src/lib/recordings/output/ledger.js';
import { errorOf } from '../../support/errors.js';
import { FakeS3 } from '../../support/recordings/fake-s3.js';
import { tempDir } from '../../support/temp-dir.js';

const stamp = { id: 'i', modelDigest: 'm', channels: 'mix', source: 's' } as const;

test('the first line after half a line is whole; lines of other runs are seen, also when they come in pieces', async () => {
  const path = join(await tempDir(), 'ledger.jsonl');
  await appendFile(path, '{"path":"half');
  const ledger = await Ledger.open(path, 'append');
  await ledger.add('one', 'stored', stamp);
  const other = await Ledger.open(path, 'read');
  expect(await other.find('one')).toEqual({ ...stamp, path: 'one', state: 'stored' });
  const line = JSON.stringify({ ...stamp, path: 'zwei ü', state: 'storing' });
  const cut = Buffer.from(line).indexOf(0xc3) + 1;
  await appendFile(path, Buffer.from(line).subarray(0, cut));
  expect(await ledger.find('zwei ü')).toBeUndefined();
  await appendFile(path, Buffer.concat([Buffer.from(line).subarray(cut), Buffer.from('\n{"path":1}\n')]));
  expect(await ledger.find('zwei ü')).toMatchObject({ state: 'storing' });
  await Promise.all([ledger.close(), other.close()]);
});

test('errors.jsonl in a bucket: several writers lose nothing; soon after one flush the next waits', async () => {
  const s3 = new FakeS3();
  const put = s3.putObject.bind(s3);
  let faster = 2;
  s3.putObject = async (bucket, key, body, options) => {
    // Another writer, between our reading and our storing.
    if (faster-- > 0) s3.put(bucket, key, `${s3.text(bucket, key) ?? ''}other\n`);
    return await put(bucket, key, body, options);
  };
  let now = 0;
  const log = createBucketErrorLog(s3, 'texts', 'errors.jsonl', () => now);
  const failure = (source: string) => ({ source, timestamp: 't', code: 'C', message: 'm', why: null });
  const lines = () => s3.text('texts', 'errors.jsonl')?.trimEnd().split('\n') ?? [];
  await log.add(failure('a'));
  expect(lines()).toEqual(['other', 'other', JSON.stringify(failure('a'))]);
  now = 1_000;
  await log.add(failure('b'));
  expect(lines()).toHaveLength(3);
  now = 6_000;
  await log.add(failure('c'));
  expect(lines().slice(3)).toEqual([JSON.stringify(failure('b')), JSON.stringify(failure('c'))]);
  now = 7_000;
  await log.add(failure('d'));
  await log.flush();
  expect(lines()).toHaveLength(6);
  faster = Number.POSITIVE_INFINITY;
  now = 60_000;
  expect(await errorOf(() => log.add(failure('e')))).toMatchObject({ code: 'OUTPUT_FAILED' });
});
