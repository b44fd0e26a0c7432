import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { OperationError, UsageError } from '../../base/errors/mlops-error.js';
import type { PlannedFile } from './plan.js';

/** A layer's digest covers times, modes and owners: with these fixed, the same files are the same layer everywhere. */
const modifiedAt = Date.UTC(2000, 0, 1) / 1000;
/** Root's, and readable by everybody: the container's user is another one and changes nothing. */
const fileMode = 0o644;
const folderMode = 0o755;

const blockBytes = 512;

export interface TarredFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Writes a tar archive (POSIX.1-1988 ustar) of these files and the folders above them, in the order of their paths. Throws
 * OperationError `FILE_CHANGED` when a file changes meanwhile, UsageError `PATH_TOO_LONG`.
 */
export async function writeTar(path: string, files: readonly PlannedFile[]): Promise<TarredFile[]> {
  const archive = await open(path, 'wx');
  try {
    const written: TarredFile[] = [];
    const folders = new Set<string>();
    for (const planned of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
      const name = planned.path.replace(/^\/+/, '');
      for (const folder of foldersOf(name)) {
        if (!folders.has(folder)) await archive.write(header(`${folder}/`, 0, folderMode, '5'));
        folders.add(folder);
      }
      written.push({ path: planned.path, bytes: await writeEntry(archive, name, planned.from) });
    }
    // Two empty blocks are the end.
    await archive.write(Buffer.alloc(2 * blockBytes));
    return written;
  } finally {
    await archive.close();
  }
}

async function writeEntry(archive: FileHandle, name: string, from: PlannedFile['from']): Promise<number> {
  if ('text' in from) {
    const content = Buffer.from(from.text);
    await archive.write(Buffer.concat([header(name, content.length, fileMode, '0'), content, padding(content.length)]));
    return content.length;
  }
  const { size } = await stat(from.file);
  await archive.write(header(name, size, fileMode, '0'));
  let copied = 0;
  for await (const chunk of createReadStream(from.file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    copied += chunk.length;
    if (copied > size) break;
    await archive.write(chunk);
  }
  if (copied !== size) {
    throw new OperationError(`${from.file} changed while it was read`, {
      code: 'FILE_CHANGED',
      why: `It had ${size} bytes at first.`,
      actions: ['Run the command again when nothing writes to it'],
    });
  }
  await archive.write(padding(size));
  return size;
}

/** `app/model/a.onnx` -> `app`, `app/model` */
function foldersOf(name: string): string[] {
  const parts = posix.dirname(name).split('/');
  return parts[0] === '.' ? [] : parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function padding(size: number): Buffer {
  return Buffer.alloc((blockBytes - (size % blockBytes)) % blockBytes);
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar Interchange Format" */
function header(path: string, size: number, mode: number, type: '0' | '5'): Buffer {
  const block = Buffer.alloc(blockBytes);
  const { name, prefix } = splitPath(path);
  block.write(name, 0, 'utf8');
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  writeSize(block, size);
  block.write(octal(modifiedAt, 12), 136);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  block.write('ustar\u000000', 257);
  block.write(prefix, 345, 'utf8');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148);
  return block;
}

function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\u0000`;
}

/** Eleven octal digits end at 8 GiB; beyond, tar has the number in binary, marked by the first bit. */
function writeSize(block: Buffer, size: number): void {
  if (size < 8 ** 11) block.write(octal(size, 12), 124);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  }
}

/** A path of more than 100 bytes is cut at a slash into two fields. */
function splitPath(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    const prefix = path.slice(0, slash);
    const name = path.slice(slash + 1);
    if (name !== '' && Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return { name, prefix };
  }
  throw new UsageError(`The path ${path} is too long for an image`, {
    code: 'PATH_TOO_LONG',
    why: 'The name of a file may have 100 bytes, the folders above it 155.',
    actions: ['Give the file a shorter name'],
  });
}
