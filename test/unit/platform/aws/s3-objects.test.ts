import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createS3Objects } from '../../../../src/lib/platform/aws/s3-objects.js';
import { download } from '../../../../src/lib/recordings/open/download.js';
import { tempDir } from '../../../support/temp-dir.js';

/** An S3 that answers as `listener` does. */
async function s3Server(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const env = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return createS3Objects({ region: 'us-east-1' }, { silenceMs: 200 });
}

test('a connection that falls silent in the middle is given up, and the rest fetched on another', async () => {
  const seen: unknown[] = [];
  const s3 = await s3Server(({ headers }, answer) => {
    seen.push([headers.range, headers['if-match']]);
    if (headers.range === undefined) {
      answer.writeHead(200, { etag: '"x"', 'content-length': 10 }).write('01234');
      return;
    }
    answer.writeHead(206, { etag: '"x"', 'content-length': 5, 'content-range': 'bytes 5-9/10' }).end('56789');
  });
  const path = join(await tempDir(), 'recording');
  const source = { kind: 'object', bucket: 'calls', key: 'a.wav', label: 's3://calls/a.wav', bytes: 10 } as const;
  const request = { source, etag: '"x"', bytes: 10, path, signal: new AbortController().signal };
  await download(request, s3, { sleep: async () => {} });
  expect(await readFile(path, 'utf8')).toBe('0123456789');
  expect(seen).toEqual([
    [undefined, '"x"'],
    ['bytes=5-', '"x"'],
  ]);
});

test('keys reach S3 as they are', async () => {
  const seen: string[] = [];
  const s3 = await s3Server(({ url = '' }, answer) => {
    seen.push(url.slice(url.indexOf('/', 1)));
    answer.writeHead(200, { etag: '"x"', 'content-length': 0 }).end();
  });
  for (const key of ['x/../up', 'two//slashes', 'a b+ü']) await s3.headObject('calls', key);
  expect(seen).toEqual(['/x/../up', '/two//slashes', '/a%20b%2B%C3%BC']);
});

test('a put that is throttled is tried again with all its bytes, and the SDK warns of nothing', async () => {
  const warned = vi.spyOn(console, 'warn').mockReturnValue();
  onTestFinished(() => warned.mockRestore());
  const seen: unknown[] = [];
  const s3 = await s3Server(async (request, answer) => {
    seen.push([request.headers['content-length'], await text(request)]);
    if (seen.length % 2 === 1) answer.writeHead(503).end('<Error><Code>SlowDown</Code></Error>');
    else answer.writeHead(200, { etag: '"x"' }).end();
  });
  for (const body of ['hällo', ''])
    expect(await s3.putObject('calls', 'a', body, { contentType: 'text/plain' })).toBe(true);
  expect(seen).toEqual([
    ['6', 'hällo'],
    ['6', 'hällo'],
    ['0', ''],
    ['0', ''],
  ]);
  expect(warned.mock.calls).toEqual([]);
});
