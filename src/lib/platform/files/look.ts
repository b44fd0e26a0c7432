import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { hasCode } from '../../base/errors/describe.js';

const absent = ['ENOENT', 'ENOTDIR', 'ELOOP'];

/** Of a file or folder, or of what a link leads to; undefined where nothing is. Throws what else keeps it from being looked at. */
export async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (absent.some((code) => hasCode(error, code))) return undefined;
    throw error;
  }
}

export async function isThere(path: string): Promise<boolean> {
  return (await statIfThere(path)) !== undefined;
}
