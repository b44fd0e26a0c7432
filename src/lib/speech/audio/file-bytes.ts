import { type FileHandle, open } from 'node:fs/promises';
import { describeError, hasCode } from '../../base/errors/describe.js';
import { UsageError } from '../../base/errors/mlops-error.js';
import { audioError } from './errors.js';

const windowBytes = 128 * 1024;

/** A file read from the front in windows, so that memory does not depend on its length. */
export class FileBytes {
  readonly path: string;
  /** Of the file when it was opened. */
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #signal: AbortSignal | undefined;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;
  #position = 0;

  private constructor(path: string, size: number, handle: FileHandle, signal: AbortSignal | undefined) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
    this.#signal = signal;
  }

  /** @throws UsageError FILE_NOT_FOUND, FILE_UNREADABLE or AUDIO_EMPTY; every read throws the signal's reason */
  static async open(path: string, signal?: AbortSignal): Promise<FileBytes> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'r');
      const stats = await handle.stat();
      if (!stats.isFile()) throw unreadable(path, 'It is not a regular file.');
      if (stats.size === 0) throw audioError('AUDIO_EMPTY', path, 'The file has 0 bytes.');
      return new FileBytes(path, stats.size, handle, signal);
    } catch (error) {
      await handle?.close();
      if (error instanceof UsageError) throw error;
      if (hasCode(error, 'ENOENT')) {
        throw new UsageError(`There is no file ${path}`, { code: 'FILE_NOT_FOUND', why: 'No such file.' });
      }
      throw unreadable(path, describeError(error), error);
    }
  }

  /** Offset of the byte that comes next. */
  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return Math.max(0, this.size - this.#position);
  }

  seek(position: number): void {
    this.#position = position;
  }

  skip(count: number): void {
    this.#position += count;
  }

  /** The next `count` bytes without moving on; fewer only at the end of the file. The bytes stay valid. */
  async peek(count: number): Promise<Uint8Array> {
    const wanted = Math.min(count, this.remaining);
    const offset = this.#position - this.#windowStart;
    if (offset < 0 || offset + wanted > this.#window.length) await this.#load(wanted);
    const start = this.#position - this.#windowStart;
    return this.#window.subarray(start, start + wanted);
  }

  /** The next `count` bytes; fewer only at the end of the file. The bytes stay valid. */
  async read(count: number): Promise<Uint8Array> {
    const bytes = await this.peek(count);
    this.#position += bytes.length;
    return bytes;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #load(wanted: number): Promise<void> {
    this.#signal?.throwIfAborted();
    const bytes = new Uint8Array(Math.min(Math.max(wanted, windowBytes), this.remaining));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, filled, bytes.length - filled, this.#position + filled);
      // The file has become shorter since it was opened.
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.#window = bytes.subarray(0, filled);
    this.#windowStart = this.#position;
  }
}

function unreadable(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError(`${path} cannot be read`, { code: 'FILE_UNREADABLE', why, cause });
}

/** Big- and little-endian numbers of a few bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Bytes as the letters of a four-character code. */
export function latin1(bytes: Uint8Array, start = 0, end = bytes.length): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
