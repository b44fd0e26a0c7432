import { stat } from 'node:fs/promises';
import { OperationError } from '../../base/errors/mlops-error.js';
import { fileId } from '../../transcript/id.js';
import type { LocalSource } from '../sources/source.js';
import type { OpenedRecording } from './opened.js';

export async function openLocalFile({ path, label }: LocalSource, signal: AbortSignal): Promise<OpenedRecording> {
  const before = await stat(path);
  const id = await fileId(path, signal);
  return {
    id,
    uploadedAt: before.mtime,
    file: async () => path,
    async verify() {
      const after = await stat(path);
      if (after.size === before.size && after.mtimeMs === before.mtimeMs && after.ino === before.ino) return;
      throw new OperationError(`${label} changed while it was read`, {
        code: 'SOURCE_CHANGED',
        why: 'Its text would be of no recording that there is or was.',
        actions: ['Run the command again when it is complete'],
      });
    },
    dispose: async () => {},
  };
}
