import { speechRateHz } from '../types.js';
import type { Planar } from './decoded.js';
import { audioError, convertAction, refuseImplausible } from './errors.js';
import { latin1, viewOf } from './file-bytes.js';
import { guarded, release } from './guarded.js';

/** The rate of Opus itself, in which its positions are counted; the rate in its header is that of what was encoded. */
export const opusRateHz = 48_000;
/** Positions per decoded sample. */
export const opusStep = opusRateHz / speechRateHz;
/** The decoder's room for one packet, per channel: 120 ms at 256 kbit/s. */
const maxPacketBytesPerChannel = 3840;

/** The identification header: RFC 7845, section 5.1. */
export interface OpusHead {
  readonly channels: number;
  /** Samples at 48 kHz to leave out at the start. */
  readonly preSkip: number;
  /** Factor for every sample. */
  readonly gain: number;
  readonly streams: number;
  readonly coupled: number;
  readonly mapping: readonly number[];
}

/** @throws UsageError AUDIO_DAMAGED, or AUDIO_UNSUPPORTED for channels that have no places in a room (ambisonics) */
export function parseOpusHead(packet: Uint8Array, path: string): OpusHead {
  if (packet.length < 19 || latin1(packet, 0, 8) !== 'OpusHead') throw damagedHead(path);
  const view = viewOf(packet);
  const channels = view.getUint8(9);
  const family = view.getUint8(18);
  refuseImplausible(path, opusRateHz, channels);
  if (view.getUint8(8) >> 4 !== 0 || family > 1 || channels > (family === 0 ? 2 : 8)) {
    const why = `Opus with version ${view.getUint8(8)}, channel mapping ${family} and ${channels} channels is not read.`;
    throw audioError('AUDIO_UNSUPPORTED', path, why, { actions: [convertAction] });
  }
  const shape = { channels, preSkip: view.getUint16(10, true), gain: 10 ** (view.getInt16(16, true) / 256 / 20) };
  if (family === 0) return { ...shape, streams: 1, coupled: channels - 1, mapping: channels === 2 ? [0, 1] : [0] };
  if (packet.length < 21 + channels) throw damagedHead(path);
  const streams = view.getUint8(19);
  const coupled = view.getUint8(20);
  const mapping = [...packet.subarray(21, 21 + channels)];
  const isPlaced = mapping.every((stream) => stream === 255 || stream < streams + coupled);
  if (streams === 0 || coupled > streams || streams + coupled > channels || !isPlaced) throw damagedHead(path);
  return { ...shape, streams, coupled, mapping };
}

export interface OpusPackets {
  /** @throws UsageError AUDIO_DAMAGED */
  decode(packets: readonly Uint8Array[]): Promise<Planar>;
  free(): void;
}

/**
 * libopus at 16 kHz, without the pre-skip taken away, with the gain applied. It decodes to that rate by itself. At 48 kHz
 * the wasm build's stack is too small for two channels that change from CELT to SILK with frames of 40 ms or more:
 * opus-decoder 0.7.12 then writes over its own heap.
 */
export async function createOpusDecoder(head: OpusHead, path: string): Promise<OpusPackets> {
  const { OpusDecoder } = await import('opus-decoder');
  const decoder = new OpusDecoder({
    sampleRate: speechRateHz,
    channels: head.channels,
    streamCount: head.streams,
    coupledStreamCount: head.coupled,
    channelMappingTable: [...head.mapping],
    preSkip: 0,
  });
  await decoder.ready;
  const limit = maxPacketBytesPerChannel * head.channels;
  return {
    free: () => release(decoder),
    decode: async (packets) => {
      for (const { length } of packets) {
        if (length > 0 && length <= limit) continue;
        throw audioError('AUDIO_DAMAGED', path, `An Opus packet has ${length} bytes; 1 to ${limit} can be.`);
      }
      const { channelData, errors } = await guarded(path, () => decoder.decodeFrames([...packets]));
      if (errors[0] !== undefined) throw audioError('AUDIO_DAMAGED', path, errors[0].message);
      if (head.gain !== 1) {
        for (const channel of channelData) {
          for (let i = 0; i < channel.length; i++) channel[i] = (channel[i] as number) * head.gain;
        }
      }
      return channelData;
    },
  };
}

function damagedHead(path: string) {
  return audioError('AUDIO_DAMAGED', path, 'Its Opus header makes no sense.');
}
