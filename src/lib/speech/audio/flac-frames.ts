import { audioError } from './errors.js';
import { type FileBytes, latin1 } from './file-bytes.js';

/** What STREAMINFO says, and where the frames begin. */
export interface FlacStream {
  readonly start: number;
  readonly maxBlockSize: number;
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly bitsPerSample: number;
}

interface FrameHeader {
  readonly blockSize: number;
  /** Of the frame, or of its first sample, as the stream counts. */
  readonly number: number;
  /** `number` of the frame that follows. */
  readonly nextNumber: number;
}

const maxHeaderBytes = 16;
const firstPeekBytes = 16 * 1024;
const crc8Table = Uint8Array.from({ length: 256 }, (_, byte) => crcOf(byte, 8, 0x07));
const crc16Table = Uint16Array.from({ length: 256 }, (_, byte) => crcOf(byte, 16, 0x8005));
const rates = [0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
const bitDepths = [0, 8, 12, -1, 16, 20, 24, 32];

/**
 * The frames of a FLAC stream (RFC 9639, section 9). A frame does not say how long it is: it ends where its checksum
 * comes out as 0 and the header of the frame with the next number, or the end of the file, follows.
 * @throws UsageError AUDIO_DAMAGED where a frame's checksum fails, AUDIO_TRUNCATED when the last frame is not whole
 */
export async function* flacFrames(
  bytes: FileBytes,
  stream: FlacStream,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly blockSize: number }> {
  // Samples as they are, one bit more for a difference of channels, and headers.
  const maxFrameBytes = Math.ceil((stream.maxBlockSize * stream.channels * (stream.bitsPerSample + 1)) / 8) + 1024;
  bytes.seek(stream.start);
  let expected: number | undefined;
  while (bytes.remaining > 0) {
    if (isTag(await bytes.peek(128), bytes.remaining)) return;
    const header = headerAt(await bytes.peek(maxHeaderBytes), 0, stream);
    if (header === undefined && bytes.remaining < maxHeaderBytes) throw cutOff(bytes);
    if (header === undefined || (expected !== undefined && header.number !== expected)) throw damagedAt(bytes);
    const length = await frameLength(bytes, header, stream, maxFrameBytes);
    yield { bytes: await bytes.read(length), blockSize: header.blockSize };
    expected = header.nextNumber;
  }
}

async function frameLength(bytes: FileBytes, header: FrameHeader, stream: FlacStream, max: number): Promise<number> {
  let crc = 0;
  let at = 0;
  for (let size = firstPeekBytes; ; size *= 4) {
    const ahead = await bytes.peek(Math.min(size, max + maxHeaderBytes));
    const isAll = ahead.length === bytes.remaining;
    const end = isAll ? ahead.length : ahead.length - maxHeaderBytes;
    for (; at < end; at++) {
      if (ahead[at] === 0xff && ((ahead[at + 1] ?? 0) & 0xfe) === 0xf8) {
        const isNext = headerAt(ahead, at, stream)?.number === header.nextNumber;
        if (isNext && crc === 0) return at;
        if (isNext) throw damagedAt(bytes);
      }
      if (crc === 0 && ahead[at] === 0x54 && isTag(ahead.subarray(at), bytes.remaining - at)) return at;
      crc = ((crc << 8) & 0xffff) ^ (crc16Table[(crc >> 8) ^ (ahead[at] as number)] as number);
    }
    if (isAll && crc === 0) return at;
    if (isAll && at <= max) throw cutOff(bytes);
    if (size >= max) throw damagedAt(bytes);
  }
}

/** @returns undefined when no frame of this stream begins there */
function headerAt(bytes: Uint8Array, at: number, stream: FlacStream): FrameHeader | undefined {
  const [sync = 0, second = 0, sizes = 0, kinds = 0, first = 0xff] = bytes.subarray(at, at + 5);
  if (sync !== 0xff || (second & 0xfe) !== 0xf8 || (kinds & 1) !== 0) return undefined;
  const channels = kinds >> 4 < 8 ? (kinds >> 4) + 1 : 2;
  const bits = bitDepths[(kinds >> 1) & 7] as number;
  if (kinds >> 4 > 10 || channels !== stream.channels || (bits !== 0 && bits !== stream.bitsPerSample))
    return undefined;
  const more = first < 0x80 ? 0 : Math.clz32(~(first << 24)) - 1;
  if (more < 0 || more > 6 || (first >= 0x80 && more === 0)) return undefined;
  let number = more === 0 ? first : first & (0x3f >> more);
  let next = at + 5;
  for (let i = 0; i < more; i++) number = number * 64 + ((bytes[next++] ?? 0) & 0x3f);
  const sizeCode = sizes >> 4;
  const rateCode = sizes & 15;
  if (sizeCode === 0 || rateCode === 15) return undefined;
  let blockSize = sizeCode === 1 ? 192 : sizeCode < 6 ? 576 << (sizeCode - 2) : 256 << (sizeCode - 8);
  if (sizeCode === 6) blockSize = (bytes[next++] ?? 0) + 1;
  if (sizeCode === 7) blockSize = (bytes[next++] ?? 0) * 256 + (bytes[next++] ?? 0) + 1;
  let rate = rates[rateCode] ?? (bytes[next++] ?? 0) * 1000;
  // Codes 13 and 14 have two bytes, in Hz and in tens of them.
  if (rateCode > 12) rate = ((rate / 1000) * 256 + (bytes[next++] ?? 0)) * (rateCode === 13 ? 1 : 10);
  if (rate !== 0 && rate !== stream.sampleRateHz) return undefined;
  let crc = 0;
  for (let i = at; i < next; i++) crc = crc8Table[crc ^ (bytes[i] ?? 0)] as number;
  if (next >= bytes.length || crc !== bytes[next] || blockSize > stream.maxBlockSize) return undefined;
  return { blockSize, number, nextNumber: number + ((second & 1) === 0 ? 1 : blockSize) };
}

/** An ID3v1 tag, the last 128 bytes of a file: no part of FLAC, but taggers write it. */
function isTag(bytes: Uint8Array, remaining: number): boolean {
  return remaining === 128 && latin1(bytes, 0, 3) === 'TAG';
}

function crcOf(byte: number, bits: number, polynomial: number): number {
  let crc = byte << (bits - 8);
  for (let i = 0; i < 8; i++) crc = (crc << 1) ^ ((crc >> (bits - 1)) & 1 ? polynomial : 0);
  return crc & (2 ** bits - 1);
}

function damagedAt(bytes: FileBytes) {
  return audioError('AUDIO_DAMAGED', bytes.path, `The frame at byte ${bytes.position} is not what was written.`);
}

function cutOff(bytes: FileBytes) {
  return audioError('AUDIO_TRUNCATED', bytes.path, `It ends within the frame at byte ${bytes.position}.`);
}
