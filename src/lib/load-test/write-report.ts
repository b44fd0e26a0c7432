import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeError } from '../base/errors/describe.js';
import { OperationError } from '../base/errors/mlops-error.js';

/**
 * Writes a file whole or not at all, and the folders above it. Throws OperationError `REPORT_NOT_WRITTEN`.
 * @param path absolute
 */
export async function writeReport(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new OperationError(`The report ${path} could not be written`, {
      code: 'REPORT_NOT_WRITTEN',
      why: describeError(error),
      cause: error,
    });
  }
}
