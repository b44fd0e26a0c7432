import { viewOf } from './file-bytes.js';

/** Fills one array per channel from interleaved samples. False when a sample is no finite number. */
export type SampleReader = (block: Uint8Array, channels: readonly Float32Array[]) => boolean;

/** mu-law bytes as samples: ITU-T G.711, table 2. */
const muLaw = Float32Array.from({ length: 256 }, (_, byte) => {
  const code = ~byte & 0xff;
  const magnitude = ((((code & 0x0f) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84;
  return ((code & 0x80) === 0 ? magnitude : -magnitude) / 32_768;
});

/** A-law bytes as samples: ITU-T G.711, table 1. */
const aLaw = Float32Array.from({ length: 256 }, (_, byte) => {
  const code = byte ^ 0x55;
  const segment = (code & 0x70) >> 4;
  const mantissa = ((code & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? mantissa : (mantissa + 0x100) << (segment - 1);
  return ((code & 0x80) === 0 ? -magnitude : magnitude) / 32_768;
});

const integers: Record<number, SampleReader> = {
  1: interleaved(1, (view, at) => (view.getUint8(at) - 128) / 128),
  2: interleaved(2, (view, at) => view.getInt16(at, true) / 32_768),
  3: interleaved(3, (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65_536) / 8_388_608),
  4: interleaved(4, (view, at) => view.getInt32(at, true) / 2_147_483_648),
};

const floats: Record<number, SampleReader> = {
  4: interleaved(4, (view, at) => view.getFloat32(at, true)),
  8: interleaved(8, (view, at) => view.getFloat64(at, true)),
};

const g711: Record<number, SampleReader> = {
  6: interleaved(1, (view, at) => aLaw[view.getUint8(at)] as number),
  7: interleaved(1, (view, at) => muLaw[view.getUint8(at)] as number),
};

/**
 * @param tag of the encoding: 1 integers, 3 floats, 6 A-law, 7 mu-law (RFC 2361)
 * @returns undefined for a size that the encoding does not have, `other` for an encoding that is not read here
 */
export function sampleReader(tag: number, bytesPerSample: number): SampleReader | 'other' | undefined {
  if (tag === 1) return integers[bytesPerSample];
  if (tag === 3) return floats[bytesPerSample];
  if (tag === 6 || tag === 7) return bytesPerSample === 1 ? g711[tag] : undefined;
  return 'other';
}

function interleaved(bytes: number, sample: (view: DataView, at: number) => number): SampleReader {
  return (block, channels) => {
    const view = viewOf(block);
    const step = bytes * channels.length;
    let sum = 0;
    for (const [index, channel] of channels.entries()) {
      for (let frame = 0, at = index * bytes; frame < channel.length; frame++, at += step) {
        const value = sample(view, at);
        channel[frame] = value;
        // Anything but a finite number makes this NaN, and it stays so.
        sum += value * 0;
      }
    }
    return sum === 0;
  };
}
