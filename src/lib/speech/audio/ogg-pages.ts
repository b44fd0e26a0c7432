import { audioError } from './errors.js';
import { type FileBytes, latin1, viewOf } from './file-bytes.js';

/** A page of the one logical stream that is listened to, with the packets that end on it. */
export interface OggPackets {
  readonly packets: readonly Uint8Array[];
  /** Position at the end of its last packet, in samples; undefined when no packet ends on it. */
  readonly granule: number | undefined;
  /** The first of a stream: its only packet is the codec's header. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

interface Page extends Omit<OggPackets, 'packets'> {
  readonly serial: number;
  readonly sequence: number;
  /** Its first piece goes on with the packet of the page before. */
  readonly isContinued: boolean;
  /** Of packets; the last one is only the beginning of one when `isOpen`. */
  readonly pieces: readonly Uint8Array[];
  readonly isOpen: boolean;
}

const headerBytes = 27;
const maxPageBytes = headerBytes + 255 + 255 * 255;
/** What is kept of a packet: more is only in comments with pictures, which nobody here reads. */
const maxPacketBytes = 128 * 1024;
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let i = 0; i < 8; i++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc;
});

/**
 * Pages of an Ogg file (RFC 3533): those of the first stream that `isWanted` by its first packet, and after its end those
 * of the next one (a chain). Other streams beside it, such as a video's, are passed over.
 * @throws UsageError AUDIO_TRUNCATED when a stream has no last page, AUDIO_DAMAGED when a page's CRC fails or a page is missing
 */
export async function* oggPackets(
  bytes: FileBytes,
  isWanted: (packet: Uint8Array) => boolean,
): AsyncGenerator<OggPackets> {
  let serial: number | undefined;
  let sequence = 0;
  let open: Uint8Array | undefined;
  let hasEnded = false;
  while (bytes.remaining > 0) {
    const at = bytes.position;
    const damaged = (why: string) => audioError('AUDIO_DAMAGED', bytes.path, `The page at byte ${at} ${why}.`);
    // Some programs leave something behind the end.
    if (hasEnded && serial === undefined && latin1(await bytes.peek(4)) !== 'OggS') return;
    const page = await readPage(bytes);
    if (page.isFirst) {
      if (serial !== undefined && sequence > 0) throw cutOff(bytes.path, at);
      if (serial !== undefined || page.pieces[0] === undefined || !isWanted(page.pieces[0])) continue;
      serial = page.serial;
      sequence = page.sequence - 1;
      open = undefined;
    }
    if (page.serial !== serial) continue;
    if (!page.isFirst && page.sequence !== (sequence + 1) >>> 0)
      throw damaged(`is number ${page.sequence}, one before it is missing`);
    if (page.isContinued !== (open !== undefined)) throw damaged('does not go on with the packet of the one before it');
    sequence = page.sequence;
    const packets = [...page.pieces];
    if (open !== undefined) packets[0] = join(open, packets[0] ?? new Uint8Array(0));
    open = page.isOpen ? packets.pop() : undefined;
    if (page.isLast && open !== undefined) throw cutOff(bytes.path, bytes.position);
    if (page.isLast) {
      serial = undefined;
      hasEnded = true;
    }
    yield { packets, granule: page.granule, isFirst: page.isFirst, isLast: page.isLast };
  }
  if (serial !== undefined) throw cutOff(bytes.path, bytes.size);
}

/** The granule position on the last page of the file when it ends the stream of the first page: a single stream's length. */
export async function lastGranule(bytes: FileBytes): Promise<number | undefined> {
  bytes.seek(0);
  const first = (await readPage(bytes)).serial;
  bytes.seek(Math.max(0, bytes.size - maxPageBytes));
  const tail = Buffer.from(await bytes.read(maxPageBytes));
  const at = tail.lastIndexOf('OggS');
  if (at < 0 || at + headerBytes > tail.length) return undefined;
  const isLast = ((tail[at + 5] ?? 0) & 4) !== 0;
  return isLast && tail.readUInt32LE(at + 14) === first ? granuleOf(tail.readBigInt64LE(at + 6)) : undefined;
}

async function readPage(bytes: FileBytes): Promise<Page> {
  const start = bytes.position;
  const header = await bytes.peek(headerBytes);
  if (latin1(header, 0, 4) !== 'OggS'.slice(0, header.length)) {
    throw audioError('AUDIO_DAMAGED', bytes.path, `No page begins at byte ${start}, where the one before it ends.`);
  }
  const pieceCount = header[26] ?? 0;
  const table = (await bytes.peek(headerBytes + pieceCount)).subarray(headerBytes);
  const size = headerBytes + pieceCount + table.reduce((sum, length) => sum + length, 0);
  const page = await bytes.read(size);
  if (header.length < headerBytes || table.length < pieceCount || page.length < size) throw cutOff(bytes.path, start);
  const view = viewOf(page);
  if (checksum(page) !== view.getUint32(22, true)) {
    throw audioError('AUDIO_DAMAGED', bytes.path, `The checksum of the page at byte ${start} is wrong.`);
  }
  const flags = view.getUint8(5);
  const pieces: Uint8Array[] = [];
  let end = headerBytes + pieceCount;
  let begin = end;
  for (const [index, length] of table.entries()) {
    end += length;
    if (length === 255 && index < pieceCount - 1) continue;
    pieces.push(page.subarray(begin, end));
    begin = end;
  }
  return {
    serial: view.getUint32(14, true),
    sequence: view.getUint32(18, true),
    granule: granuleOf(view.getBigInt64(6, true)),
    isContinued: (flags & 1) !== 0,
    isFirst: (flags & 2) !== 0,
    isLast: (flags & 4) !== 0,
    pieces,
    isOpen: table.at(-1) === 255,
  };
}

function granuleOf(value: bigint): number | undefined {
  return value < 0n ? undefined : Number(value);
}

/** CRC-32 of a page with its own field counted as zeros. */
function checksum(page: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < page.length; i++) {
    const byte = i >= 22 && i < 26 ? 0 : (page[i] as number);
    crc = (crc << 8) ^ (crcTable[(crc >>> 24) ^ byte] as number);
  }
  return crc >>> 0;
}

function join(start: Uint8Array, rest: Uint8Array): Uint8Array {
  return start.length >= maxPacketBytes
    ? start
    : Buffer.concat([start, rest.subarray(0, maxPacketBytes - start.length)]);
}

function cutOff(path: string, at: number) {
  return audioError('AUDIO_TRUNCATED', path, `It ends at byte ${at} without the page that says it is the last.`);
}
