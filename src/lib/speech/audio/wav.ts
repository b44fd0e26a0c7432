import type { Planar, Recording } from './decoded.js';
import { audioError, refuseImplausible } from './errors.js';
import { type FileBytes, latin1, viewOf } from './file-bytes.js';
import { type SampleReader, sampleReader } from './pcm.js';

const maxChunks = 1000;
const blockFrames = 8192;
/** What programs write as the size when they write to a pipe: many 0, ffmpeg and lame, sox, arecord; or that in whole frames. */
const unknownSizes = [0, 0xffffffff, 0x7ffff000, 0x80000000];
/** Last 14 bytes of the GUID that every WAVE_FORMAT_EXTENSIBLE sub-format shares. */
const guidTail = '\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71';

interface Layout {
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly frameBytes: number;
  readonly read: SampleReader;
}

/**
 * Reads the header of a RIFF, RF64 or BW64 file (Microsoft "Multimedia Programming Interface and Data Specifications" 1.0;
 * EBU Tech 3306). A data size of 0 or one that stands for "unknown" comes from a pipe: the samples then go on to the
 * end of the file, and how long the recording should have been is not known: it has to end between two samples.
 * @returns undefined for an encoding that is not PCM, float or G.711
 * @throws UsageError AUDIO_TRUNCATED when the file is shorter than its data chunk, or ends within a sample
 */
export async function openWav(bytes: FileBytes): Promise<Recording | undefined> {
  const riff = await bytes.read(12);
  if (latin1(riff, 0, 4) === 'RIFX') return undefined;
  let riffSize = viewOf(riff).getUint32(4, true);
  let size64: number | undefined;
  let layout: Layout | undefined;
  for (let chunk = 0; chunk < maxChunks; chunk++) {
    const header = await bytes.read(8);
    if (header.length < 8) throw audioError('AUDIO_TRUNCATED', bytes.path, 'It ends before its data chunk.');
    const id = latin1(header, 0, 4);
    const size = viewOf(header).getUint32(4, true);
    const start = bytes.position;
    if (id === 'data') {
      if (layout === undefined) throw audioError('AUDIO_DAMAGED', bytes.path, 'It has samples, but no format chunk.');
      return await samples(bytes, layout, size64 ?? size, riffSize);
    }
    if (id === 'ds64' && size >= 16) {
      const view = viewOf(await whole(bytes, 16));
      riffSize = Number(view.getBigUint64(0, true));
      size64 = Number(view.getBigUint64(8, true));
    }
    if (id === 'fmt ') {
      const described = describe(await whole(bytes, Math.min(size, 40)), bytes.path);
      if (described === undefined) return undefined;
      layout = described;
    }
    bytes.seek(start + size + (size % 2));
  }
  throw audioError('AUDIO_DAMAGED', bytes.path, `No data chunk among the first ${maxChunks} chunks, the limit.`);
}

async function whole(bytes: FileBytes, count: number): Promise<Uint8Array> {
  const read = await bytes.read(count);
  if (read.length < count) throw audioError('AUDIO_TRUNCATED', bytes.path, 'It ends in its header.');
  return read;
}

function describe(format: Uint8Array, path: string): Layout | undefined {
  if (format.length < 16)
    throw audioError('AUDIO_DAMAGED', path, `Its format chunk has ${format.length} bytes, not 16.`);
  const view = viewOf(format);
  let tag = view.getUint16(0, true);
  if (tag === 0xfffe) {
    if (format.length < 40)
      throw audioError('AUDIO_DAMAGED', path, 'Its extensible format chunk is shorter than 40 bytes.');
    if (latin1(format, 26, 40) !== guidTail) return undefined;
    tag = view.getUint16(24, true);
  }
  const channels = view.getUint16(2, true);
  const sampleRateHz = view.getUint32(4, true);
  refuseImplausible(path, sampleRateHz, channels);
  const frameBytes = view.getUint16(12, true);
  const bits = view.getUint16(14, true);
  // The container's size, not the valid bits: 20 bits lie at the top of 24.
  const read = sampleReader(tag, frameBytes / channels);
  if (read === 'other') return undefined;
  if (read === undefined || ((tag === 1 || tag === 3) && bits > (frameBytes / channels) * 8)) {
    const what = `${frameBytes} bytes for ${channels} samples of ${bits} bits`;
    throw audioError('AUDIO_DAMAGED', path, `Its header says ${what}, which does not add up.`);
  }
  return { channels, sampleRateHz, frameBytes, read };
}

/** What a pipe brought ends between two samples, but for the byte that makes a chunk of odd length even, as sox writes it. */
async function refuseHalfSample(bytes: FileBytes, { frameBytes, sampleRateHz }: Layout, length: number): Promise<void> {
  const over = length % frameBytes;
  if (over === 0) return;
  if (over === 1 && length % 2 === 0) {
    bytes.seek(bytes.size - 1);
    const [last] = await bytes.read(1);
    if (last === 0) return;
  }
  const seconds = (Math.floor(length / frameBytes) / sampleRateHz).toFixed(3);
  throw audioError('AUDIO_TRUNCATED', bytes.path, `It ends within a sample, after ${seconds} s.`);
}

async function samples(bytes: FileBytes, layout: Layout, claimed: number, riffSize: number): Promise<Recording> {
  const start = bytes.position;
  const rest = bytes.size - start;
  const isWritten = claimed === 0 ? riffSize + 8 === bytes.size : claimed <= rest;
  const fromPipe =
    !isWritten && unknownSizes.some((size) => claimed === size || claimed === size - (size % layout.frameBytes));
  if (!isWritten && !fromPipe) {
    const seconds = (size: number) => `${(size / layout.frameBytes / layout.sampleRateHz).toFixed(3)} s`;
    const why = `Its header says ${seconds(claimed)} (${claimed} bytes), and ${seconds(rest)} are there.`;
    throw audioError('AUDIO_TRUNCATED', bytes.path, why);
  }
  if (fromPipe) await refuseHalfSample(bytes, layout, rest);
  const frames = Math.floor((fromPipe ? rest : claimed) / layout.frameBytes);
  if (frames === 0) throw audioError('AUDIO_EMPTY', bytes.path, 'Its data chunk has no samples.');
  return {
    format: 'wav',
    sampleRateHz: layout.sampleRateHz,
    channels: layout.channels,
    decodedRateHz: layout.sampleRateHz,
    claimedS: frames / layout.sampleRateHz,
    decode: (again) => decode(again, layout, start, frames),
  };
}

async function* decode(bytes: FileBytes, layout: Layout, start: number, frames: number): AsyncGenerator<Planar> {
  const { channels, frameBytes, read } = layout;
  bytes.seek(start);
  for (let done = 0; done < frames; ) {
    const count = Math.min(blockFrames, frames - done);
    const block = await bytes.read(count * frameBytes);
    if (block.length < count * frameBytes) {
      throw audioError('AUDIO_TRUNCATED', bytes.path, 'It became shorter while it was read.');
    }
    const planar = Array.from({ length: channels }, () => new Float32Array(count));
    const finite = read(block, planar);
    if (!finite) {
      const where = `between ${(done / layout.sampleRateHz).toFixed(2)} s and ${((done + count) / layout.sampleRateHz).toFixed(2)} s`;
      throw audioError('AUDIO_DAMAGED', bytes.path, `A sample ${where} is not a number.`);
    }
    yield planar;
    done += count;
  }
}
