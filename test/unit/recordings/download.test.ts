import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { download } from '../../../src/lib/recordings/open/download.js';
import { errorOf } from '../../support/errors.js';
import { FakeS3 } from '../../support/recordings/fake-s3.js';
import { tempDir } from '../../support/temp-dir.js';

async function fetchAll(s3: FakeS3, changed: { etag?: string; bytes?: number } = {}): Promise<string> {
  const head = await s3.headObject('b', 'k');
  const path = join(await tempDir(), 'recording');
  const source = { kind: 'object', bucket: 'b', key: 'k', label: 's3://b/k', bytes: 0 } as const;
  const { etag = '', bytes = 0 } = { ...head, ...changed };
  await download({ source, etag, bytes, path, signal: new AbortController().signal }, s3, { sleep: async () => {} });
  return await readFile(path, 'utf8');
}

function withObject(body: string, ...breaks: number[]): FakeS3 {
  const s3 = new FakeS3();
  s3.put('b', 'k', body);
  s3.breaks.push(...breaks);
  return s3;
}

test('a broken connection is taken up where it broke', async () => {
  const s3 = withObject('0123456789', 4, 0, 3);
  expect(await fetchAll(s3)).toBe('0123456789');
  expect(s3.opened.map(({ start }) => start)).toEqual([0, 4, 4, 7]);
});

test('an object without bytes is a file without bytes', async () => {
  expect(await fetchAll(withObject(''))).toBe('');
});

test('breaks without a byte more come to an end, breaks with progress do not count', async () => {
  const error = await errorOf(() => fetchAll(withObject('0123456789', 2, 0, 0, 0, 0, 0)));
  expect(error).toMatchObject({ code: 'DOWNLOAD_FAILED', exitCode: 1 });
  expect(error.why).toContain('After 2 of 10 bytes');
  expect(await fetchAll(withObject('0123456789', 1, 1, 1, 1, 1, 1, 1))).toBe('0123456789');
});

test('another object under the same key, or one of another size, is refused', async () => {
  expect(await errorOf(() => fetchAll(withObject('x'), { etag: '"other"' }))).toMatchObject({ code: 'SOURCE_CHANGED' });
  expect(await errorOf(() => fetchAll(withObject('0123'), { bytes: 2 }))).toMatchObject({ code: 'SOURCE_CHANGED' });
});
