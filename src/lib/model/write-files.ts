import { randomUUID } from 'node:crypto';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describeError, hasCode } from '../base/errors/describe.js';
import { OperationError, UsageError } from '../base/errors/mlops-error.js';

export interface FileToWrite {
  readonly path: string;
  readonly content: Uint8Array | string;
}

/** Throws UsageError (`OUTPUT_EXISTS`) when one of the files is there. */
export async function refuseToOverwrite(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (!(await exists(path))) continue;
    throw new UsageError(`${path} already exists`, {
      code: 'OUTPUT_EXISTS',
      why: 'A file is only replaced when that is asked for.',
      actions: ['Add --force to replace it, or choose another --output'],
    });
  }
}

/**
 * Writes all files beside their places first and moves them there at the end, one after the other: no file is ever seen
 * half written, and what can fail for lack of space or rights fails before anything is replaced.
 * Throws OperationError (`OUTPUT_NOT_WRITTEN`).
 */
export async function writeFilesAtomically(files: readonly FileToWrite[]): Promise<void> {
  const pending = files.map(({ path, content }) => ({
    path,
    content,
    temporary: join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`),
  }));
  try {
    for (const { temporary, content } of pending) await writeFile(temporary, content, { flag: 'wx' });
    for (const { temporary, path } of pending) await rename(temporary, path);
  } catch (error) {
    await Promise.all(pending.map(({ temporary }) => rm(temporary, { force: true })));
    throw new OperationError(`Could not write ${files.map(({ path }) => path).join(' and ')}`, {
      code: 'OUTPUT_NOT_WRITTEN',
      why: hasCode(error, 'ENOENT') ? 'The folder does not exist.' : describeError(error),
      cause: error,
    });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw new OperationError(`${path} cannot be looked at`, { code: 'OUTPUT_NOT_WRITTEN', why: describeError(error) });
  }
}
