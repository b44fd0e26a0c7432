import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';

/** SPDY/3.1, as much of it as kubectl port-forward speaks: draft-mbelshe-httpbis-spdy-00 with SYN_STREAM, data and PING. */
export const frameTypes = { synStream: 1, synReply: 2, rstStream: 3, ping: 6 } as const;
const version = 3;
export const finFlag = 1;

const words =
  'options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization cache-control connection content-base content-encoding content-language content-length content-location content-md5 content-range content-type date etag expect expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method get status|200 OK version HTTP/1.1 url public set-cookie keep-alive origin';
const tail =
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.';

/** Section 2.6.10.1: names with their lengths, then a run of values. Both sides have to have the same one. */
function dictionary(): Buffer {
  const names = words
    .replace('status|200 OK', 'status\u0000200 OK')
    .split(/ (?!OK)/)
    .flatMap((word) => word.split('\u0000'));
  const parts = names.flatMap((name) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(name.length);
    return [length, Buffer.from(name, 'latin1')];
  });
  return Buffer.concat([...parts, Buffer.from(tail, 'latin1')]);
}

/** Header blocks share one compression context in each direction, for as long as the connection lives. */
export class HeaderCodec {
  readonly #inflate: Inflate = createInflate({ dictionary: dictionary() });
  readonly #deflate: Deflate = createDeflate({ dictionary: dictionary() });

  async decode(block: Buffer): Promise<Map<string, string>> {
    const plain = await pass(this.#inflate, block);
    const headers = new Map<string, string>();
    let offset = 4;
    const text = () => {
      const length = plain.readUInt32BE(offset);
      offset += 4 + length;
      return plain.toString('latin1', offset - length, offset);
    };
    for (let left = plain.readUInt32BE(0); left > 0; left--) headers.set(text(), text());
    return headers;
  }

  /** An empty block. */
  async encodeNone(): Promise<Buffer> {
    return await pass(this.#deflate, Buffer.alloc(4));
  }
}

async function pass(stream: Inflate | Deflate, input: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const collect = (chunk: Buffer) => chunks.push(chunk);
  stream.on('data', collect);
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject);
    stream.write(input);
    stream.flush(constants.Z_SYNC_FLUSH, () => {
      stream.off('error', reject);
      resolve();
    });
  });
  stream.off('data', collect);
  return Buffer.concat(chunks);
}

export type Frame =
  | { readonly control: number; readonly flags: number; readonly payload: Buffer }
  | { readonly stream: number; readonly flags: number; readonly payload: Buffer };

/** Cuts whole frames off the front; what is left over comes back as `rest`. */
export function readFrames(buffer: Buffer): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = [];
  let rest = buffer;
  while (rest.length >= 8) {
    const first = rest.readUInt32BE(0);
    const length = rest.readUIntBE(5, 3);
    if (rest.length < 8 + length) break;
    const flags = rest.readUInt8(4);
    const payload = rest.subarray(8, 8 + length);
    const isControl = first >>> 31 === 1;
    frames.push(isControl ? { control: first & 0xffff, flags, payload } : { stream: first, flags, payload });
    rest = rest.subarray(8 + length);
  }
  return { frames, rest };
}

export function controlFrame(type: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(0x8000 | version, 0);
  head.writeUInt16BE(type, 2);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

export function dataFrame(stream: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(stream, 0);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}
