import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createS3Objects, type S3Objects } from '../../../src/lib/platform/aws/s3-objects.js';
import { errorOf } from '../../support/errors.js';
import { hasMoto, type Moto, startMoto } from '../../support/moto.js';
import { tempDir } from '../../support/temp-dir.js';

const Bucket = 'recordings';
const keys = ['a b.wav', 'a+b.wav', 'ümläut/日本 🎧.wav', 'x/../up.wav', 'two//slashes.wav', "quote's %41&?.wav"];

describe.skipIf(!hasMoto)('objects of S3', () => {
  let moto: Moto;
  let s3: S3Objects;
  let client: S3Client;

  beforeAll(async () => {
    moto = await startMoto();
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    client = new S3Client({ endpoint: moto.url, region: 'us-east-1', credentials });
    const { createS3 } = await import('../../../src/lib/platform/aws/s3.js');
    for (const [name, value] of Object.entries(moto.env)) vi.stubEnv(name, value);
    await createS3({ region: 'us-east-1' }).createBucket(Bucket, {});
  });
  afterAll(() => moto?.stop());
  beforeEach(() => {
    for (const [name, value] of Object.entries(moto.env)) vi.stubEnv(name, value);
    s3 = createS3Objects({ region: 'us-east-1' });
    moto.faults.length = 0;
  });

  const put = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket, Key, Body }));

  async function readAll(key: string, etag: string, start = 0): Promise<string | undefined> {
    const stream = await s3.openObject(Bucket, key, { etag, start });
    if (stream === undefined) return undefined;
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }

  test('a listing goes on over pages, in order', async () => {
    const many = Array.from({ length: 1005 }, (_, n) => `many/${String(n).padStart(4, '0')}.wav`);
    for (let n = 0; n < many.length; n += 50) await Promise.all(many.slice(n, n + 50).map((key) => put(key, 'x')));
    const listed: string[] = [];
    for await (const { key } of s3.listObjects(Bucket, 'many/')) listed.push(key);
    expect(listed).toEqual(many);
  });

  test.each(keys)('%s: stored, listed, looked at and read back under that key', async (key) => {
    expect(await s3.putObject(Bucket, key, `text of ${key}`, { contentType: 'text/plain', metadata: { a: 'b' } })).toBe(
      true,
    );
    const listed: string[] = [];
    for await (const object of s3.listObjects(Bucket, key)) listed.push(object.key);
    expect(listed).toEqual([key]);
    const head = await s3.headObject(Bucket, key);
    expect(head).toMatchObject({ key, version: undefined, metadata: { a: 'b' } });
    expect(await readAll(key, head?.etag ?? '')).toBe(`text of ${key}`);
    expect(await readAll(key, head?.etag ?? '', 5)).toBe(`of ${key}`);
    expect((await s3.readText(Bucket, key))?.text).toBe(`text of ${key}`);
  });

  test('only the object that was meant is read; only what is meant to be replaced is', async () => {
    await put('pinned', 'one');
    const etag = (await s3.headObject(Bucket, 'pinned'))?.etag ?? '';
    await put('pinned', 'two');
    expect(await readAll('pinned', etag)).toBeUndefined();
    expect(await readAll('gone', etag)).toBeUndefined();
    const store = (onlyOver: 'absent' | { etag: string }, key = 'pinned') =>
      s3.putObject(Bucket, key, 'three', { contentType: 'text/plain', onlyOver });
    expect([await store('absent'), await store({ etag })]).toEqual([false, false]);
    expect(await store({ etag: (await s3.headObject(Bucket, 'pinned'))?.etag ?? '' })).toBe(true);
    expect([await store('absent', 'fresh'), await store('absent', 'fresh')]).toEqual([true, false]);
    expect([await s3.headObject(Bucket, 'gone'), await s3.readText(Bucket, 'gone')]).toEqual([undefined, undefined]);
  });

  test('a bucket with versions names them', async () => {
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    const { VersionId } = await put('versioned', 'x');
    expect(VersionId).toBeTruthy();
    expect((await s3.headObject(Bucket, 'versioned'))?.version).toBe(VersionId);
    const Suspended = { Status: 'Suspended' as const };
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: Suspended }));
  });

  test('a refusal names the permission and the object, a bucket that is not there is said', async () => {
    moto.faults.push({ call: 's3:GET', fault: 'denied' });
    const denied = await errorOf(() => s3.readText(Bucket, 'a b.wav'));
    expect(denied).toMatchObject({ code: 'ACCESS_DENIED' });
    expect(denied.message).toBe('AWS does not allow s3:GetObject on arn:aws:s3:::recordings/a b.wav');
    moto.faults.length = 0;
    const listing = async () => {
      for await (const _ of s3.listObjects('never-was', '')) break;
    };
    expect((await errorOf(listing)).why).toContain('NoSuchBucket');
    expect((await errorOf(() => s3.headObject('never-was', 'a.wav'))).code).toBe('BUCKET_MISSING');
  });

  test('memory does not grow with an object', async () => {
    const size = 160 * 2 ** 20;
    for (const [Key, bytes] of [
      ['small', 1000],
      ['large', size],
    ] as const) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(bytes, 'wave') }));
    }
    const script = join(import.meta.dirname, '..', '..', 'support', 'recordings', 'download-memory.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [script, Bucket, await tempDir()], {
      env: { ...process.env, ...moto.env },
    });
    const { bytes, grownBytes } = JSON.parse(stdout) as { bytes: number; grownBytes: number };
    expect(bytes).toBe(size);
    expect(grownBytes).toBeLessThan(size / 2);
    process.stderr.write(`160 MiB fetched, memory grew by ${Math.round(grownBytes / 2 ** 20)} MiB\n`);
  });
});
