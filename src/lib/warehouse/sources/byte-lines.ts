import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

const lineFeed = 0x0a;

export function byteLines(path: string, isGzip: boolean): AsyncGenerator<Buffer> {
  const bytes = createReadStream(path);
  return byteLinesOf(isGzip ? bytes.pipe(createGunzip()) : bytes);
}

/**
 * Lines as bytes, without their line feeds. Only a line feed ends one: other characters that some readers take for line
 * ends (U+2028, NEL, a carriage return) may stand in JSON, and would shift every number after them.
 */
export async function* byteLinesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = buffer.indexOf(lineFeed); end !== -1; end = buffer.indexOf(lineFeed, start)) {
      yield Buffer.concat([...begun, buffer.subarray(start, end)]);
      begun = [];
      start = end + 1;
    }
    if (start < buffer.length) begun.push(buffer.subarray(start));
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}

/** An empty line between records is none: what has a byte that is no blank has something on it. */
export function isBlank(line: Uint8Array): boolean {
  return !line.some((byte) => byte > 0x20);
}
