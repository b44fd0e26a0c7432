import { childrenOf, cutOff, numberOf, readElement, variableInt } from './ebml.js';
import { audioError } from './errors.js';
import { type FileBytes, viewOf } from './file-bytes.js';
import { ids, type WebmHeader } from './webm-header.js';

/** Packets of the audio track that belong to one time. */
export interface WebmBlock {
  /** In ticks. */
  readonly timestamp: number;
  readonly packets: readonly Uint8Array[];
  /** Nanoseconds to leave out at the end of the last packet. */
  readonly discardNs: number;
}

const maxBlockBytes = 1024 * 1024;
/** What may stand in a cluster besides blocks: Position, PrevSize, Void, CRC-32, SilentTracks. */
const passedOver = new Set([0xa7, 0xab, 0xec, 0xbf, 0x5854]);

/** @throws UsageError AUDIO_TRUNCATED at an element that is longer than the file, AUDIO_DAMAGED at one that cannot be there */
export async function* webmBlocks(bytes: FileBytes, header: WebmHeader): AsyncGenerator<WebmBlock> {
  bytes.seek(header.start);
  let cluster: { end: number | undefined; timestamp: number } | undefined;
  while (header.end === undefined || bytes.position < header.end) {
    const at = bytes.position;
    if (cluster?.end !== undefined && at >= cluster.end) cluster = undefined;
    const damaged = () => audioError('AUDIO_DAMAGED', bytes.path, `The element at byte ${at} cannot be there.`);
    const element = await readElement(bytes);
    if (element === undefined) {
      if (header.end === undefined) return;
      throw cutOff(bytes.path, at);
    }
    const { id, start, end } = element;
    if (end !== undefined && end > bytes.size) throw cutOff(bytes.path, at);
    if (id === ids.cluster && cluster?.end === undefined) {
      cluster = { end, timestamp: 0 };
      continue;
    }
    if (end === undefined || end > (cluster?.end ?? header.end ?? bytes.size)) throw damaged();
    if (cluster !== undefined && (id === ids.timestamp || id === ids.simpleBlock || id === ids.blockGroup)) {
      if (id === ids.timestamp) cluster.timestamp = numberOf(await bytes.read(Math.min(8, end - start)));
      else {
        const block = await readBlock(bytes, id, end - start, header.track.number);
        if (block === undefined) throw damaged();
        if (block !== 'other') yield { ...block, timestamp: cluster.timestamp + block.timestamp };
      }
    } else if (cluster !== undefined && !passedOver.has(id)) {
      // Elements of four bytes' ID end a cluster that was written live; nothing else is known in one.
      if (cluster.end !== undefined || id < 0x10000000) throw damaged();
      cluster = undefined;
    }
    bytes.seek(end);
  }
}

async function readBlock(
  bytes: FileBytes,
  id: number,
  size: number,
  track: number,
): Promise<WebmBlock | 'other' | undefined> {
  // The other tracks' blocks, a video's, can be large: they are left unread.
  const head = await bytes.peek(Math.min(size, 32));
  if (id === ids.simpleBlock) {
    const number = variableInt(head, 0)?.value;
    if (number !== track) return number === undefined ? undefined : 'other';
    return size > maxBlockBytes ? undefined : parseBlock(await bytes.read(size), 0);
  }
  if (size > maxBlockBytes) return 'other';
  let block: Uint8Array | undefined;
  let discardNs = 0;
  for (const child of childrenOf(await bytes.read(size))) {
    if (child.id === ids.block) block = child.content;
    if (child.id === ids.discardPadding) discardNs = Math.max(0, signed(child.content));
  }
  if (block === undefined) return undefined;
  return variableInt(block, 0)?.value === track ? parseBlock(block, discardNs) : 'other';
}

function signed(content: Uint8Array): number {
  const value = numberOf(content);
  return (content[0] ?? 0) < 0x80 ? value : value - 2 ** (8 * content.length);
}

/** A block's packets; how several share one is "lacing", RFC 9559, section 10.3. Undefined when it makes no sense. */
function parseBlock(block: Uint8Array, discardNs: number): WebmBlock | undefined {
  const at = (variableInt(block, 0)?.bytes ?? 0) + 3;
  if (block.length < at) return undefined;
  const timestamp = viewOf(block).getInt16(at - 3);
  const lacing = ((block[at - 1] ?? 0) >> 1) & 3;
  if (lacing === 0) return { timestamp, packets: [block.subarray(at)], discardNs };
  const count = (block[at] ?? 0) + 1;
  const sizes: number[] = [];
  let start = at + 1;
  for (let i = 0; i < count - 1 && lacing !== 2; i++) {
    if (lacing === 1) {
      let size = 0;
      while (block[start] === 255) size += block[start++] as number;
      sizes.push(size + (block[start++] ?? 0));
    } else {
      const number = variableInt(block, start);
      if (number === undefined) return undefined;
      start += number.bytes;
      sizes.push(i === 0 ? number.value : (sizes[i - 1] as number) + number.value - (2 ** (7 * number.bytes - 1) - 1));
    }
  }
  const rest = block.length - start - sizes.reduce((sum, size) => sum + size, 0);
  if (lacing === 2) sizes.push(...Array.from({ length: count }, () => rest / count));
  else sizes.push(rest);
  if (sizes.some((size) => size <= 0 || !Number.isInteger(size))) return undefined;
  const packets = sizes.map((size) => {
    start += size;
    return block.subarray(start - size, start);
  });
  return { timestamp, packets, discardNs };
}
