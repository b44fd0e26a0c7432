import type { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import type { Planar } from './decoded.js';
import { audioError, refuseImplausible } from './errors.js';
import { latin1, viewOf } from './file-bytes.js';
import { guarded, release } from './guarded.js';

/** The identification header: Vorbis I specification, section 4.2.2. */
export interface VorbisHead {
  readonly channels: number;
  readonly sampleRateHz: number;
}

/** The decoder's room for one packet. */
const maxPacketBytes = 128 * 1024;

/** @throws UsageError AUDIO_DAMAGED */
export function parseVorbisHead(packet: Uint8Array, path: string): VorbisHead {
  if (packet.length < 30 || latin1(packet, 0, 7) !== '\x01vorbis') {
    throw audioError('AUDIO_DAMAGED', path, 'Its Vorbis header makes no sense.');
  }
  const view = viewOf(packet);
  const channels = view.getUint8(11);
  const sampleRateHz = view.getUint32(12, true);
  refuseImplausible(path, sampleRateHz, channels);
  return { channels, sampleRateHz };
}

export interface VorbisPackets {
  /** @throws UsageError AUDIO_DAMAGED */
  decode(packets: readonly Uint8Array[]): Promise<Planar>;
  free(): void;
}

type Pages = Parameters<OggVorbisDecoder['decodeOggPages']>[0];

/** libvorbis, on packets: which of them are whole, and where the stream ends, is known from our own reading of the pages. */
export async function createVorbisDecoder(head: Uint8Array, setup: Uint8Array, path: string): Promise<VorbisPackets> {
  if (setup.length >= maxPacketBytes || latin1(setup, 0, 7) !== '\x05vorbis') {
    throw audioError('AUDIO_DAMAGED', path, 'Its Vorbis setup header makes no sense.');
  }
  const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
  const decoder = new OggVorbisDecoder();
  await decoder.ready;
  // What the decoder looks at in the pages of its own parser, no more: the first packet, then packets with the setup.
  const decodePage = async (data: Uint8Array, packets: readonly Uint8Array[]) => {
    const codecFrames = packets.map((packet) => ({ data: packet, header: { vorbisSetup: setup } }));
    const pages = [{ data, codecFrames, isLastPage: false }] as unknown as Pages;
    return await guarded(path, () => decoder.decodeOggPages(pages));
  };
  const nothing = new Uint8Array(0);
  try {
    await decodePage(head, []);
  } catch (error) {
    release(decoder);
    throw error;
  }
  return {
    free: () => release(decoder),
    decode: async (packets) => {
      if (packets.some(({ length }) => length >= maxPacketBytes)) {
        throw audioError('AUDIO_DAMAGED', path, `A Vorbis packet has ${maxPacketBytes} bytes, the limit, or more.`);
      }
      // The lowest bit marks a header, which has no sound.
      const sound = packets.filter((packet) => packet.length > 0 && ((packet[0] ?? 0) & 1) === 0);
      if (sound.length === 0) return [];
      const { channelData, errors } = await decodePage(nothing, sound);
      if (errors[0] !== undefined) throw audioError('AUDIO_DAMAGED', path, errors[0].message);
      return channelData;
    },
  };
}
