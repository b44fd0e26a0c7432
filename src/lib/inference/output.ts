import { randomUUID } from 'node:crypto';
import { createWriteStream, realpathSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { describeError, hasCode } from '../base/errors/describe.js';
import { OperationError } from '../base/errors/mlops-error.js';

/** Where lines of text go, one piece after the other. */
export interface TextOutput {
  /** Resolves when the text is taken, so that a slow reader slows the work down instead of filling the memory. */
  write(text: string): Promise<void>;
  /** The work is done: make it visible. */
  finish(): Promise<void>;
  /** The work failed: leave nothing that looks complete. */
  discard(): Promise<void>;
}

/** A stream that somebody else owns, such as stdout. `write` rejects with EPIPE when its reader has gone away. */
export function streamOutput(stream: Writable): TextOutput {
  return { write: (text) => writeTo(stream, text), finish: async () => {}, discard: async () => {} };
}

/**
 * A file that appears at `path` (and replaces what is there) only once it is complete. A link is followed, and what is
 * no regular file (a device, a pipe) is written to, not replaced.
 */
export function fileOutput(asked: string): TextOutput {
  const found = statSync(asked, { throwIfNoEntry: false });
  const path = found === undefined ? asked : realpathSync(asked);
  const special = found !== undefined && !found.isFile();
  const temporary = special ? path : join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  const stream = createWriteStream(temporary, { flags: special ? 'w' : 'wx' });
  let failure: unknown;
  stream.on('error', (error) => {
    failure = error;
  });
  const closed = new Promise<void>((resolve) => {
    stream.once('close', resolve);
  });

  async function ended(): Promise<void> {
    stream.end();
    await closed;
    if (failure !== undefined) throw notWritten(path, failure);
  }

  return {
    write: (text) =>
      writeTo(stream, text).catch((error: unknown) => Promise.reject(notWritten(path, failure ?? error))),
    async finish() {
      await ended();
      if (!special) await rename(temporary, path).catch((error: unknown) => Promise.reject(notWritten(path, error)));
    },
    async discard() {
      await ended().catch(() => {});
      if (!special) await rm(temporary, { force: true });
    },
  };
}

function writeTo(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

function notWritten(path: string, error: unknown): OperationError {
  return new OperationError(`Could not write ${path}`, {
    code: 'OUTPUT_NOT_WRITTEN',
    why: hasCode(error, 'ENOENT') ? 'The folder does not exist.' : describeError(error),
    cause: error,
  });
}
