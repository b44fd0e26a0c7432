import { randomBytes } from 'node:crypto';
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeError } from '../base/errors/describe.js';
import { OperationError } from '../base/errors/mlops-error.js';
import { makeFolders } from './make-folders.js';

/**
 * Writes a file whole or not at all, and the folders above it. A link is followed, and what is no regular file (a device,
 * a pipe) is written to, not replaced. Throws OperationError `REPORT_NOT_WRITTEN`.
 * @param path absolute
 */
export async function writeReport(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await makeFolders(dirname(path));
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && !found.isFile()) {
      await writeFile(path, text);
      return;
    }
    await writeFile(temporary, text);
    await rename(temporary, found === undefined ? path : await realpath(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new OperationError(`The report ${path} could not be written`, {
      code: 'REPORT_NOT_WRITTEN',
      why: describeError(error),
      cause: error,
    });
  }
}
