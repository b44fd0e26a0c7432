import { chmod, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PlannedFile } from '../../../src/lib/image/context/plan.js';
import { writeTar } from '../../../src/lib/image/context/tar.js';
import { errorOf } from '../../support/errors.js';
import { tempDir } from '../../support/temp-dir.js';

const text = (path: string, content: string): PlannedFile => ({ path, from: { text: content, madeOf: 'test' } });

async function tarOf(files: readonly PlannedFile[]): Promise<Buffer> {
  const path = join(await tempDir(), 'layer.tar');
  await writeTar(path, files);
  return await readFile(path);
}

interface Entry {
  readonly path: string;
  readonly type: string;
  readonly mode: string;
  readonly owner: string;
  readonly mtime: number;
  readonly content: string;
}

/** Reads an archive by the format's definition, and checks each header's sum. */
function entries(tar: Buffer): Entry[] {
  const found: Entry[] = [];
  let at = 0;
  const field = (start: number, length: number) =>
    tar.toString('utf8', at + start, at + start + length).replace(/\0.*$/s, '');
  while (tar[at] !== 0) {
    const block = Buffer.from(tar.subarray(at, at + 512));
    const expected = Number.parseInt(field(148, 8), 8);
    block.fill(' ', 148, 156);
    expect(block.reduce((sum, byte) => sum + byte, 0)).toBe(expected);
    expect(field(257, 6)).toBe('ustar');
    const size = Number.parseInt(field(124, 12), 8);
    const prefix = field(345, 155);
    found.push({
      path: prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`,
      type: field(156, 1),
      mode: field(100, 8),
      owner: `${field(108, 8)}:${field(116, 8)}`,
      mtime: Number.parseInt(field(136, 12), 8),
      content: tar.toString('utf8', at + 512, at + 512 + size),
    });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  expect(tar.length - at).toBe(1024);
  return found;
}

describe('the archive of a layer', () => {
  test('has folders before what is in them, everything root’s and readable by all', async () => {
    const found = entries(await tarOf([text('/app/model/b.json', '{}'), text('/app/a.mjs', 'x'.repeat(512))]));
    expect(found.map(({ path, type, mode }) => `${type} ${mode} ${path}`)).toEqual([
      '5 0000755 app/',
      '0 0000644 app/a.mjs',
      '5 0000755 app/model/',
      '0 0000644 app/model/b.json',
    ]);
    expect(found.map(({ content }) => content)).toEqual(['', 'x'.repeat(512), '', '{}']);
    expect(new Set(found.map(({ owner }) => owner))).toEqual(new Set(['0000000:0000000']));
    expect(new Set(found.map(({ mtime }) => mtime))).toEqual(new Set([Date.UTC(2000, 0, 1) / 1000]));
  });

  test('is the same whatever the order, the times and the modes of the files', async () => {
    const dir = await tempDir();
    const file = join(dir, 'model.onnx');
    await writeFile(file, 'weights');
    const files = [text('/app/b', '2'), { path: '/app/model/model.onnx', from: { file } }, text('/app/a', '1')];
    const first = await tarOf(files);
    await chmod(file, 0o600);
    await utimes(file, new Date(0), new Date(0));
    expect((await tarOf([...files].reverse())).equals(first)).toBe(true);
    expect((await tarOf([...files.slice(0, 2), text('/app/a', '!')])).equals(first)).toBe(false);
  });

  test('splits a long path at a slash, and refuses one that does not fit', async () => {
    const folder = `/${'d'.repeat(70)}/${'e'.repeat(70)}`;
    const entry = entries(await tarOf([text(`${folder}/${'f'.repeat(100)}`, 'x')])).at(-1);
    expect(entry?.path).toBe(`${folder.slice(1)}/${'f'.repeat(100)}`);
    const error = await errorOf(() => tarOf([text(`/${'f'.repeat(101)}`, 'x')]));
    expect(error).toMatchObject({ code: 'PATH_TOO_LONG', exitCode: 2 });
  });

  test('says how large each file is', async () => {
    const path = join(await tempDir(), 'layer.tar');
    expect(await writeTar(path, [text('/app/b', 'four'), text('/app/a', '')])).toEqual([
      { path: '/app/a', bytes: 0 },
      { path: '/app/b', bytes: 4 },
    ]);
  });
});
