import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

const lineFeed = 0x0a;

/**
 * The lines of a file as bytes, without their line feeds. Only a line feed ends one: other characters that some readers take for
 * line ends (U+2028, NEL, a carriage return) may stand in JSON, and would shift every number after them.
 */
export async function* byteLines(path: string, isGzip: boolean): AsyncGenerator<Buffer> {
  const bytes = createReadStream(path);
  let begun: Buffer[] = [];
  for await (const chunk of isGzip ? bytes.pipe(createGunzip()) : bytes) {
    const buffer = chunk as Buffer;
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
