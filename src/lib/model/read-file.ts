import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { describeError, hasCode } from '../base/errors/describe.js';
import { UsageError } from '../base/errors/mlops-error.js';
import { formatSize } from '../base/units.js';

/** Node.js reads no larger file into one buffer, and protobuf, the format of ONNX, has no larger messages. */
const maxFileBytes = 2 * 2 ** 30 - 1;

/**
 * A whole regular file. Throws UsageError when it is missing (`FILE_NOT_FOUND`), a directory or device, empty,
 * unreadable or of more than `maxBytes`. `what` is what it was wanted for, such as "model".
 */
export async function readWholeFile(path: string, what: string, maxBytes = maxFileBytes): Promise<Buffer> {
  try {
    // Opening a named pipe would wait for somebody who writes to it; this way it is seen and refused.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = await file.stat();
      if (stats.isDirectory()) throw refused(`The ${what} ${path} is a directory`, 'NOT_A_FILE', 'Expected a file.');
      if (!stats.isFile()) throw refused(`The ${what} ${path} is not a regular file`, 'NOT_A_FILE', 'Expected a file.');
      if (stats.size === 0) throw refused(`The ${what} ${path} is empty`, 'FILE_EMPTY', 'It has 0 bytes.');
      if (stats.size > maxBytes) {
        const why = `It has ${formatSize(stats.size)}, the limit is ${formatSize(maxBytes)}.`;
        throw refused(`The ${what} ${path} is too large`, 'FILE_TOO_LARGE', why);
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (hasCode(error, 'ENOENT')) throw refused(`There is no ${what} ${path}`, 'FILE_NOT_FOUND', 'No such file.');
    throw refused(`The ${what} ${path} cannot be read`, 'FILE_UNREADABLE', describeError(error));
  }
}

function refused(message: string, code: string, why: string): UsageError {
  return new UsageError(message, { code, why });
}
