import { readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolders } from '../../../src/lib/load-test/make-folders.js';
import { writeReport } from '../../../src/lib/load-test/write-report.js';
import { sharedTempDir } from '../../support/temp-dir.js';

const dir = await sharedTempDir();

test('makes every folder that is missing, and is content with one that is there', async () => {
  await makeFolders(join(dir, 'a/b/c'));
  await makeFolders(join(dir, 'a/b/c'));
  expect((await stat(join(dir, 'a/b/c'))).isDirectory()).toBe(true);
});

test('ends where no folder can be made', async () => {
  await writeFile(join(dir, 'file'), '');
  await expect(makeFolders(join(dir, 'file/x/y'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test.runIf(process.platform === 'linux')('ends in /proc too, where a recursive mkdir does not', async () => {
  await expect(makeFolders('/proc/no-such-folder/x')).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a report follows a link instead of replacing it', async () => {
  await writeFile(join(dir, 'real.json'), 'old');
  await symlink(join(dir, 'real.json'), join(dir, 'link.json'));
  await writeReport(join(dir, 'link.json'), 'new');
  expect(await readlink(join(dir, 'link.json'))).toBe(join(dir, 'real.json'));
  expect(await readFile(join(dir, 'real.json'), 'utf8')).toBe('new');
});

test.runIf(process.platform !== 'win32')('a device is written to and stays a device', async () => {
  // A link of our own to the null device, so that a mistake here cannot replace the real one.
  await symlink('/dev/null', join(dir, 'null'));
  await writeReport(join(dir, 'null'), 'text');
  expect(await readlink(join(dir, 'null'))).toBe('/dev/null');
  expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
});
