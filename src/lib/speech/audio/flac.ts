import type { Planar, Recording } from './decoded.js';
import { audioError, convertAction, refuseImplausible } from './errors.js';
import { type FileBytes, viewOf } from './file-bytes.js';
import { type FlacStream, flacFrames } from './flac-frames.js';
import { guarded, release } from './guarded.js';

const maxMetadataBlocks = 1000;
/** Samples of all channels that are decoded at once. */
const batchSamples = 65_536;

/**
 * FLAC (RFC 9639). Metadata other than STREAMINFO is skipped unread. Every frame's CRC is checked; the recording is cut off
 * when fewer samples come than STREAMINFO says, or, when it says nothing (an encoder that wrote to a pipe), when the
 * last frame is not whole.
 */
export async function openFlac(bytes: FileBytes): Promise<Recording> {
  bytes.skip(4);
  let info: Uint8Array | undefined;
  for (let block = 0; block < maxMetadataBlocks; block++) {
    const header = await bytes.read(4);
    if (header.length < 4) throw audioError('AUDIO_TRUNCATED', bytes.path, 'It ends within its metadata.');
    const [flags = 0] = header;
    const size = viewOf(header).getUint32(0) & 0xffffff;
    const start = bytes.position;
    if (size > bytes.remaining) throw audioError('AUDIO_TRUNCATED', bytes.path, 'It ends within its metadata.');
    if ((flags & 0x7f) === 0 && size >= 34) info ??= await bytes.read(34);
    bytes.seek(start + size);
    if ((flags & 0x80) !== 0) return recording(bytes, info);
  }
  throw audioError('AUDIO_DAMAGED', bytes.path, `More than ${maxMetadataBlocks} metadata blocks, the limit.`);
}

function recording(bytes: FileBytes, info: Uint8Array | undefined): Recording {
  if (info === undefined) throw audioError('AUDIO_DAMAGED', bytes.path, 'It has no STREAMINFO block.');
  const view = viewOf(info);
  const packed = view.getUint32(10);
  const stream: FlacStream = {
    start: bytes.position,
    maxBlockSize: view.getUint16(2),
    sampleRateHz: packed >>> 12,
    channels: ((packed >>> 9) & 7) + 1,
    bitsPerSample: ((packed >>> 4) & 31) + 1,
  };
  const { sampleRateHz, channels, bitsPerSample } = stream;
  refuseImplausible(bytes.path, sampleRateHz, channels);
  if (bitsPerSample < 4 || bitsPerSample > 24) {
    const why = `Its samples have ${bitsPerSample} bits; 4 to 24 are read.`;
    throw audioError('AUDIO_UNSUPPORTED', bytes.path, why, { actions: [convertAction] });
  }
  const total = (packed & 15) * 2 ** 32 + view.getUint32(14);
  return {
    format: 'flac',
    sampleRateHz,
    channels,
    decodedRateHz: sampleRateHz,
    claimedS: total === 0 ? undefined : total / sampleRateHz,
    decode: (again) => decode(again, info, stream, total),
  };
}

async function* decode(bytes: FileBytes, info: Uint8Array, stream: FlacStream, total: number): AsyncGenerator<Planar> {
  const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
  const decoder = new FLACDecoder();
  await decoder.ready;
  let done = 0;
  const decodeBatch = async (frames: Uint8Array[], samples: number): Promise<Planar> => {
    const { channelData, samplesDecoded, errors } = await guarded(bytes.path, () => decoder.decodeFrames(frames));
    if (errors.length > 0 || samplesDecoded !== samples || channelData.length !== stream.channels) {
      const why = `The audio at ${(done / stream.sampleRateHz).toFixed(2)} s cannot be decoded.`;
      throw audioError('AUDIO_DAMAGED', bytes.path, `${why} ${errors[0]?.message ?? ''}`.trim());
    }
    done += samples;
    return channelData;
  };
  try {
    // A stream of its own with nothing but STREAMINFO, which frames may refer to.
    const start = Uint8Array.of(...Buffer.from('fLaC'), 0x80, 0, 0, 34, ...info);
    await guarded(bytes.path, () => decoder.decodeFrames([start]));
    let batch: Uint8Array[] = [];
    let samples = 0;
    for await (const frame of flacFrames(bytes, stream)) {
      if (batch.length > 0 && (samples + frame.blockSize) * stream.channels > batchSamples) {
        yield await decodeBatch(batch, samples);
        batch = [];
        samples = 0;
      }
      batch.push(frame.bytes);
      samples += frame.blockSize;
    }
    if (batch.length > 0) yield await decodeBatch(batch, samples);
  } finally {
    release(decoder);
  }
  if (done < total) {
    const seconds = (count: number) => `${(count / stream.sampleRateHz).toFixed(3)} s`;
    throw audioError(
      'AUDIO_TRUNCATED',
      bytes.path,
      `Its header says ${seconds(total)}, and ${seconds(done)} are there.`,
    );
  }
  if (done === 0) throw audioError('AUDIO_EMPTY', bytes.path, 'It has no frames.');
}
