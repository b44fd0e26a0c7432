import { randomUUID } from 'node:crypto';
import { access, constants, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeError, hasCode } from '../../base/errors/describe.js';
import { UsageError } from '../../base/errors/mlops-error.js';

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

/** Throws UsageError `FILE_NOT_WRITABLE` when the folder that `path` is to lie in is not there or may not be written. */
export async function requireFolderOf(path: string): Promise<void> {
  try {
    await access(`${dirname(path)}/`, constants.W_OK);
  } catch (error) {
    throw new UsageError(`${path} cannot be written`, {
      code: 'FILE_NOT_WRITABLE',
      why: describeError(error),
      actions: [`mkdir -p ${dirname(path)}`],
    });
  }
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
