import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hasCode } from '../../base/errors/describe.js';

/** Writes beside and renames, so that a reader never sees half a file. Returns whether the content is new. */
export async function writeAtomically(path: string, content: string, mode = 0o644): Promise<boolean> {
  if ((await readIfThere(path)) === content) return false;
  const temporary = `${path}.${randomUUID().slice(0, 8)}`;
  try {
    await writeFile(temporary, content, { mode, flag: 'wx' });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  return true;
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
