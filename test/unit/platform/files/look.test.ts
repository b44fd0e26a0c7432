import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isThere, statIfThere } from '../../../../src/lib/platform/files/look.js';
import { tempDir } from '../../../support/temp-dir.js';

test('what is there, and the many ways in which nothing is', async () => {
  const dir = await tempDir();
  const file = join(dir, 'file');
  await writeFile(file, 'abc');
  await symlink(file, join(dir, 'link'));
  await symlink('nowhere', join(dir, 'broken'));
  await symlink('round', join(dir, 'round'));
  expect((await statIfThere(join(dir, 'link')))?.size).toBe(3);
  expect(await isThere(file)).toBe(true);
  const nothing = ['other', 'file/below', 'broken', 'round'];
  expect(await Promise.all(nothing.map((name) => isThere(join(dir, name))))).toEqual([false, false, false, false]);
});

test('a name that cannot be looked at is an error', async () => {
  await expect(isThere(`${await tempDir()}/${'x'.repeat(300)}`)).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
});
