import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseS3Url } from '../../../src/lib/platform/aws/s3-url.js';
import { expandSources } from '../../../src/lib/recordings/sources/expand.js';
import { safeName } from '../../../src/lib/recordings/sources/result-names.js';
import { errorOf } from '../../support/errors.js';
import { FakeS3 } from '../../support/recordings/fake-s3.js';
import { tempDir } from '../../support/temp-dir.js';

async function folderWith(...files: string[]): Promise<string> {
  const dir = await tempDir();
  for (const file of files) {
    await mkdir(join(dir, dirname(file)), { recursive: true });
    await writeFile(join(dir, file), file);
  }
  return dir;
}

async function expand(cwd: string, named: string[], s3 = new FakeS3(), exceptFolder?: string) {
  const { items, skipped } = await expandSources(named, {
    cwd,
    exceptFolder,
    looksLikeAudio: async (path) => path.endsWith('sounds'),
    signal: new AbortController().signal,
    s3: async () => s3,
  });
  return { items: items.map(({ source, name }) => [source.label, name]), skipped };
}

test('a folder gives what is called like audio or begins like it, in order, and says what it leaves out', async () => {
  const cwd = await folderWith(
    'rec/b.WAV',
    'rec/a ü.mp3',
    'rec/in/c.flac',
    'rec/sounds',
    'rec/notes.txt',
    'rec/.git/x.wav',
  );
  await symlink(join(cwd, 'rec'), join(cwd, 'rec', 'loop'));
  await symlink(join(cwd, 'nowhere'), join(cwd, 'rec', 'dangling.wav'));
  await symlink(join(cwd, 'rec', 'b.WAV'), join(cwd, 'rec', 'same.wav'));
  expect(await expand(cwd, ['rec'])).toEqual({
    items: [
      ['rec/a ü.mp3', 'a ü.mp3'],
      ['rec/b.WAV', 'b.WAV'],
      ['rec/in/c.flac', 'in/c.flac'],
      ['rec/sounds', 'sounds'],
    ],
    skipped: [
      { source: 'rec/.git', reason: 'hidden' },
      { source: 'rec/dangling.wav', reason: 'a link to nothing' },
      { source: 'rec/loop', reason: 'a link to a folder' },
      { source: 'rec/notes.txt', reason: 'not audio' },
    ],
  });
});

test('a file that is named is taken whatever it is called; a glob is read when no file has its name', async () => {
  const cwd = await folderWith('a/notes.txt', 'a/[x].wav', 'a/x.wav', 'a/b/y.wav');
  expect((await expand(cwd, ['a/notes.txt'])).items).toEqual([['a/notes.txt', 'notes.txt']]);
  expect((await expand(cwd, ['a/[x].wav'])).items).toEqual([['a/[x].wav', '[x].wav']]);
  expect((await expand(cwd, ['a/**/*.wav', join(cwd, 'a/x.wav')])).items).toEqual([
    ['a/[x].wav', '[x].wav'],
    ['a/b/y.wav', 'b/y.wav'],
    ['a/x.wav', 'x.wav'],
  ]);
});

test('what is not there is an error before any work; an empty folder is none', async () => {
  const cwd = await folderWith('a/x.wav');
  await mkdir(join(cwd, 'empty'));
  for (const named of ['a/y.wav', 'b', 'a/*.mp3', 'a/x.wav/z']) {
    expect(await errorOf(() => expand(cwd, [named]))).toMatchObject({ code: 'SOURCE_MISSING', exitCode: 2 });
  }
  expect(await expand(cwd, ['empty'])).toEqual({ items: [], skipped: [] });
});

test('the folder of results is not a source of the folder around it', async () => {
  const cwd = await folderWith('x.wav', 'out/y.wav');
  expect((await expand(cwd, ['.', '**/*.wav'], undefined, join(cwd, 'out'))).items).toEqual([['x.wav', 'x.wav']]);
});

test('results with the same name get the folders that tell them apart', async () => {
  const cwd = await folderWith('p/mon/x.wav', 'p/tue/x.wav', 'p/tue/in/z.wav', 'q/x.wav');
  const names = async (...named: string[]) => (await expand(cwd, named)).items.map(([, name]) => name);
  expect(await names('p/mon', 'p/tue')).toEqual(['mon/x.wav', 'in/z.wav', 'tue/x.wav']);
  expect(await names('p/mon/x.wav', 'q/x.wav', 'p/tue/in/z.wav')).toEqual(['p/mon/x.wav', 'q/x.wav', 'z.wav']);
  expect(await names('p', 'p/mon/x.wav')).toEqual(['mon/x.wav', 'tue/in/z.wav', 'tue/x.wav']);
});

test('S3: an exact key, a folder, a prefix with a star; keys as they are', async () => {
  const s3 = new FakeS3();
  for (const key of ['in/a b+ü.wav', 'in/', 'in/../up.wav', 'in/n.txt', 'inner/c.mp3', 'in', 'in//two.wav']) {
    s3.put('bucket', key, 'x');
  }
  const found = async (url: string) => (await expand('/', [url], s3)).items;
  expect(await found('s3://bucket/in')).toEqual([['s3://bucket/in', 'in']]);
  expect(await found('s3://bucket/in/a b+ü.wav')).toEqual([['s3://bucket/in/a b+ü.wav', 'a b+ü.wav']]);
  expect(await found('s3://bucket/in/')).toEqual([
    ['s3://bucket/in/../up.wav', '%2E%2E/up.wav'],
    ['s3://bucket/in//two.wav', '%2F/two.wav'],
    ['s3://bucket/in/a b+ü.wav', 'a b+ü.wav'],
  ]);
  expect(await found('s3://bucket/inn*')).toEqual([['s3://bucket/inner/c.mp3', 'inner/c.mp3']]);
  expect((await expand('/', ['s3://bucket/in/'], s3)).skipped).toEqual([
    { source: 's3://bucket/in/', reason: 'a folder marker' },
    { source: 's3://bucket/in/n.txt', reason: 'not called like audio' },
  ]);
  expect(await found('s3://bucket/none/')).toEqual([]);
  expect(await errorOf(() => found('s3://bucket/none'))).toMatchObject({ code: 'SOURCE_MISSING', exitCode: 2 });
});

test.each(['s3://', 's3:///key', 's3://B/key', 's3://a_b/key'])('%s is no address', async (url) => {
  expect(await errorOf(() => parseS3Url(url))).toMatchObject({ code: 'S3_URL_INVALID', exitCode: 2 });
});

test('a safe name stays below any folder, keeps our own names free and fits a file system', () => {
  expect(safeName('../../etc/./x')).toBe('%2E%2E/%2E%2E/etc/%2E/x');
  expect(safeName('/etc/passwd')).toBe('%2F/etc/passwd');
  expect([safeName('errors'), safeName('.mlops-transcribe/x')]).toEqual(['_errors', '_.mlops-transcribe/x']);
  const [one, other] = [safeName(`${'é'.repeat(200)}1.wav`), safeName(`${'é'.repeat(200)}2.wav`)];
  expect(Buffer.byteLength(`${one}.jsonl`)).toBeLessThanOrEqual(255);
  expect(one).not.toBe(other);
  expect(one).not.toContain('\uFFFD');
});
