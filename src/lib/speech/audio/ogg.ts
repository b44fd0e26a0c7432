import { speechRateHz } from '../types.js';
import { dropStart, keepStart, lengthOf } from './channels.js';
import type { Planar, Recording } from './decoded.js';
import { audioError, convertAction } from './errors.js';
import { type FileBytes, latin1 } from './file-bytes.js';
import { lastGranule, oggPackets } from './ogg-pages.js';
import { createOpusDecoder, opusRateHz, opusStep, parseOpusHead } from './opus.js';
import { createVorbisDecoder, parseVorbisHead } from './vorbis.js';

interface Head {
  readonly format: 'ogg-vorbis' | 'ogg-opus';
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly decodedRateHz: number;
  /** Positions, as pages count them, per decoded sample. */
  readonly step: number;
  /** Positions before the first that is heard. */
  readonly preSkip: number;
}

interface PacketDecoder {
  decode(packets: readonly Uint8Array[]): Promise<Planar>;
  free(): void;
}

/**
 * Ogg with Vorbis or Opus (RFC 7845), also chained streams one after the other. The recording is cut off when a stream's last page
 * is missing or says more samples than have come.
 * @returns undefined when there is another codec in it
 */
export async function openOgg(bytes: FileBytes): Promise<Recording | undefined> {
  for await (const { packets } of oggPackets(bytes, isWanted)) {
    const head = headOf(packets[0] as Uint8Array, bytes.path);
    const granule = await lastGranule(bytes);
    const { format, channels, sampleRateHz, decodedRateHz, preSkip } = head;
    const claimedS = granule === undefined ? undefined : Math.max(0, granule - preSkip) / sampleRateHz;
    return { format, channels, sampleRateHz, decodedRateHz, claimedS, decode: (again) => decode(again, head) };
  }
  return undefined;
}

function isWanted(packet: Uint8Array): boolean {
  return latin1(packet, 0, 8) === 'OpusHead' || latin1(packet, 0, 7) === '\x01vorbis';
}

function headOf(packet: Uint8Array, path: string): Head {
  if (latin1(packet, 0, 8) === 'OpusHead') {
    const { channels, preSkip } = parseOpusHead(packet, path);
    return {
      format: 'ogg-opus',
      channels,
      sampleRateHz: opusRateHz,
      decodedRateHz: speechRateHz,
      step: opusStep,
      preSkip,
    };
  }
  const { channels, sampleRateHz } = parseVorbisHead(packet, path);
  return { format: 'ogg-vorbis', channels, sampleRateHz, decodedRateHz: sampleRateHz, step: 1, preSkip: 0 };
}

async function* decode(bytes: FileBytes, first: Head): AsyncGenerator<Planar> {
  let link: Link | undefined;
  try {
    for await (const page of oggPackets(bytes, isWanted)) {
      if (page.isFirst) {
        link?.free();
        link = createLink(page.packets[0] as Uint8Array, first, bytes.path);
      } else if (link !== undefined) {
        const block = await link.page(page.packets, page.granule, page.isLast);
        if (lengthOf(block) > 0) yield block;
      }
    }
  } finally {
    link?.free();
  }
}

type Link = ReturnType<typeof createLink>;

/** One stream of a chain: its headers, then its sound, with what the granule positions say to leave out at both ends. */
function createLink(headPacket: Uint8Array, first: Head, path: string) {
  const head = headOf(headPacket, path);
  if (head.format !== first.format || head.channels !== first.channels || head.sampleRateHz !== first.sampleRateHz) {
    const what = (one: Head) => `${one.format} with ${one.channels} channels at ${one.sampleRateHz} Hz`;
    const why = `It goes on as ${what(head)} after ${what(first)}.`;
    throw audioError('AUDIO_UNSUPPORTED', path, why, { actions: [convertAction] });
  }
  let headersLeft = head.format === 'ogg-opus' ? 1 : 2;
  let decoder: PacketDecoder | undefined;
  let decoded = 0;
  /** Granule position of the first sample; below 0 when the first samples are to be left out. */
  let origin: number | undefined;

  const start = async (lastHeader: Uint8Array): Promise<PacketDecoder> =>
    head.format === 'ogg-opus'
      ? await createOpusDecoder(parseOpusHead(headPacket, path), path)
      : await createVorbisDecoder(headPacket, lastHeader, path);

  return {
    free: () => decoder?.free(),
    page: async (packets: readonly Uint8Array[], granule: number | undefined, isLast: boolean): Promise<Planar> => {
      const headers = packets.slice(0, headersLeft);
      headersLeft -= headers.length;
      if (headersLeft === 0) decoder ??= await start(headers.at(-1) as Uint8Array);
      const block = (await decoder?.decode(packets.slice(headers.length))) ?? [];
      const before = decoded;
      decoded += lengthOf(block);
      if (decoded > 0) origin ??= isLast || granule === undefined ? 0 : granule - decoded * head.step;
      const samples = (positions: number) => Math.round(positions / head.step);
      const skip = samples(head.preSkip + Math.max(0, -(origin ?? 0)));
      const end = isLast && granule !== undefined ? samples(granule - (origin ?? 0)) : decoded;
      if (end > decoded) {
        const missing = ((end - decoded) / head.decodedRateHz).toFixed(3);
        throw audioError('AUDIO_TRUNCATED', path, `Its last page says that ${missing} s more should have come.`);
      }
      const kept = keepStart(block, Math.max(0, end - before));
      return dropStart(kept, Math.min(lengthOf(kept), Math.max(0, skip - before)));
    },
  };
}
