export interface WavOptions {
  readonly rate?: number;
  readonly channels?: number;
  /** 1 integers, 3 floats, 6 A-law, 7 mu-law. Default 1. */
  readonly tag?: number;
  readonly bits?: number;
  readonly isExtensible?: boolean;
  /** Chunks between the format and the samples: name and content. */
  readonly chunks?: readonly (readonly [string, Uint8Array])[];
  /** What the header says instead of the true size of the samples. */
  readonly dataSize?: number;
  readonly riffSize?: number;
  /** RF64, with the sizes in a ds64 chunk. */
  readonly is64?: boolean;
}

/** A WAV file around samples that are already encoded. */
export function wavBytes(data: Uint8Array, options: WavOptions = {}): Buffer {
  const { rate = 16_000, channels = 1, tag = 1, bits = 16, isExtensible = false, chunks = [], is64 = false } = options;
  const frame = (channels * bits) / 8;
  const format = Buffer.alloc(isExtensible ? 40 : 16);
  format.writeUInt16LE(isExtensible ? 0xfffe : tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt32LE((rate * frame) >>> 0, 8);
  format.writeUInt16LE(frame & 0xffff, 12);
  format.writeUInt16LE(bits, 14);
  if (isExtensible) {
    format.writeUInt16LE(22, 16);
    format.writeUInt16LE(bits, 18);
    format.writeUInt16LE(tag, 24);
    format.write('\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71', 26, 'latin1');
  }
  const ds64 = Buffer.alloc(28);
  ds64.writeBigUInt64LE(BigInt(data.length), 8);
  const size32 = is64 ? 0xffffffff : data.length;
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    ...(is64 ? [chunk('ds64', ds64)] : []),
    chunk('fmt ', format),
    ...chunks.map(([name, content]) => chunk(name, content)),
    chunk('data', data, options.dataSize ?? size32),
  ]);
  const head = Buffer.from(is64 ? 'RF64\0\0\0\0' : 'RIFF\0\0\0\0');
  head.writeUInt32LE(options.riffSize ?? (is64 ? 0xffffffff : body.length), 4);
  return Buffer.concat([head, body]);
}

function chunk(name: string, content: Uint8Array, size = content.length): Buffer {
  const head = Buffer.from(`${name}\0\0\0\0`);
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

/** Samples as integers of 16 bits, channels interleaved. */
export function int16(...channels: readonly Float32Array[]): Buffer {
  return interleave(channels, 2, (out, at, value) => out.writeInt16LE(Math.round(value * 32_767), at));
}

export function interleave(
  channels: readonly Float32Array[],
  bytes: number,
  write: (out: Buffer, at: number, value: number) => void,
): Buffer {
  const length = channels[0]?.length ?? 0;
  const out = Buffer.alloc(length * channels.length * bytes);
  for (const [index, channel] of channels.entries()) {
    for (let i = 0; i < length; i++) write(out, (i * channels.length + index) * bytes, channel[i] as number);
  }
  return out;
}
