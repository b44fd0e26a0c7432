/** Writes pickles opcode by opcode: what no pickle.dump would write. Names as in Python's pickletools. */

export type Part = string | number | Uint8Array;

/** Strings as Latin-1, numbers as single bytes. */
export function pickle(...parts: readonly Part[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : typeof part === 'number' ? Buffer.of(part) : part,
    ),
  );
}

export const proto = (version: number): Part => Buffer.of(0x80, version);
export const stop = '.';
export const mark = '(';

export function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

export function uint64(value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(value);
  return buffer;
}

/** BINUNICODE */
export function unicode(text: string): Part {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from('X'), uint32(bytes.length), bytes]);
}

export const global = (module: string, name: string): Part => `c${module}\n${name}\n`;
