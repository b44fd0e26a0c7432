import type { Planar, Recording } from './decoded.js';
import { audioError, convertAction } from './errors.js';
import { type FileBytes, latin1, viewOf } from './file-bytes.js';
import { guarded, release } from './guarded.js';
import { type Mp3Frame, mp3FrameAt } from './mp3-frame.js';
import { skipId3 } from './sniff.js';

/** Compressed bytes that are decoded at once: at 8 kbit/s the largest number of samples, 4 MB of them. */
const batchBytes = 64 * 1024;

/** What the first frame may hold instead of sound. */
interface Tag {
  /** Frames that follow; undefined when the tag does not say. */
  readonly frames: number | undefined;
  /** Samples that the encoder added at both ends; the decoder takes them away. */
  readonly padding: number;
}

/**
 * MP3: MPEG-1, 2 and 2.5 layer III. Every frame's header is looked at, what is between them are tags or damage. The
 * recording is cut off when fewer frames come than its Xing, Info or VBRI tag says, or when the last one is not whole. An
 * MP3 without such a tag says nothing of its length: cut exactly between two frames, it is a shorter recording, and
 * nobody can tell. Neither can a changed byte within a frame be told, MP3 has no checksum that encoders write.
 */
export async function openMp3(bytes: FileBytes): Promise<Recording> {
  const start = bytes.position;
  const frame = mp3FrameAt(await bytes.peek(4), 0);
  if (frame === undefined) throw audioError('AUDIO_DAMAGED', bytes.path, 'It has no first frame.');
  const tag = tagOf(await bytes.peek(frame.bytes), frame);
  const { sampleRateHz, channels } = frame;
  const samples = tag?.frames === undefined ? undefined : Math.max(0, tag.frames * frame.samples - tag.padding);
  const claimedS = samples === undefined ? undefined : samples / sampleRateHz;
  const decodeAgain = (again: FileBytes) => decode(again, start, frame, tag);
  return { format: 'mp3', sampleRateHz, channels, decodedRateHz: sampleRateHz, claimedS, decode: decodeAgain };
}

/** "Xing" or "Info" with LAME's gapless numbers (http://gabriel.mp3-tech.org/mp3infotag.html), or Fraunhofer's "VBRI". */
function tagOf(bytes: Uint8Array, frame: Mp3Frame): Tag | undefined {
  const view = viewOf(bytes);
  const has = (at: number, ...names: string[]) => names.includes(latin1(bytes, at, at + 4));
  if (has(36, 'VBRI') && bytes.length >= 54) return { frames: view.getUint32(50), padding: 0 };
  const at = [frame.tagOffset, frame.tagOffset + 2].find((offset) => has(offset, 'Xing', 'Info'));
  if (at === undefined || bytes.length < at + 8) return undefined;
  const flags = view.getUint32(at + 4);
  const fields = [4, 4, 100, 4].map((size, bit) => ((flags & (1 << bit)) === 0 ? 0 : size));
  const lame = at + 8 + fields.reduce((sum, size) => sum + size, 0);
  const hasFrames = (flags & 1) !== 0 && bytes.length >= at + 12;
  const hasPadding = bytes.length >= lame + 24 && has(lame, 'LAME', 'Lavc', 'Lavf');
  const packed = hasPadding ? view.getUint32(lame + 20) & 0xffffff : 0;
  return { frames: hasFrames ? view.getUint32(at + 8) : undefined, padding: (packed >> 12) + (packed & 0xfff) };
}

async function* decode(bytes: FileBytes, start: number, first: Mp3Frame, tag: Tag | undefined): AsyncGenerator<Planar> {
  const { MPEGDecoder } = await import('mpg123-decoder');
  const decoder = new MPEGDecoder();
  await decoder.ready;
  // The frame that holds the tag is not counted by it.
  let frames = tag === undefined ? 0 : -1;
  const isComplete = () => tag?.frames !== undefined && frames >= tag.frames;
  try {
    bytes.seek(start);
    do {
      for (;;) {
        const batch = await wholeFrames(bytes, first);
        if (batch.count === 0) break;
        frames += batch.count;
        const { channelData, errors } = await guarded(bytes.path, () => decoder.decode(batch.bytes));
        if (errors[0] !== undefined) throw audioError('AUDIO_DAMAGED', bytes.path, `${errors[0].message}.`);
        // The decoder makes two channels of one.
        yield channelData.slice(0, first.channels);
      }
    } while (!isComplete() && (await goesOn(bytes)));
  } finally {
    release(decoder);
  }
  if (tag?.frames !== undefined && frames < tag.frames) {
    throw audioError('AUDIO_TRUNCATED', bytes.path, `Its header says ${tag.frames} frames, and ${frames} are there.`);
  }
}

async function wholeFrames(bytes: FileBytes, first: Mp3Frame): Promise<{ bytes: Uint8Array; count: number }> {
  const ahead = await bytes.peek(batchBytes);
  let end = 0;
  let count = 0;
  for (;;) {
    const frame = mp3FrameAt(ahead, end);
    if (frame === undefined || end + frame.bytes > ahead.length) break;
    if (frame.sampleRateHz !== first.sampleRateHz || frame.channels !== first.channels) {
      const what = ({ sampleRateHz, channels }: Mp3Frame) => `${sampleRateHz} Hz with ${channels} channels`;
      const why = `At byte ${bytes.position + end} it changes from ${what(first)} to ${what(frame)}.`;
      throw audioError('AUDIO_UNSUPPORTED', bytes.path, why, { actions: [convertAction] });
    }
    end += frame.bytes;
    count++;
  }
  return { bytes: await bytes.read(end), count };
}

/** What stands where a frame should: another file's ID3 tag, after which it goes on; tags or zeros up to the end; damage. */
async function goesOn(bytes: FileBytes): Promise<boolean> {
  if (bytes.remaining === 0) return false;
  const ahead = await bytes.peek(32);
  if (latin1(ahead, 0, 3) === 'ID3') return await skipId3(bytes);
  const isLast = latin1(ahead, 0, 3) === 'TAG' && bytes.remaining === 128;
  if (isLast || latin1(ahead, 0, 8) === 'APETAGEX' || latin1(ahead, 0, 11) === 'LYRICSBEGIN') return false;
  const frame = mp3FrameAt(ahead, 0);
  if (frame !== undefined || ahead.length < 4) {
    throw audioError('AUDIO_TRUNCATED', bytes.path, `It ends within the frame at byte ${bytes.position}.`);
  }
  if (await isZero(bytes)) return false;
  throw audioError(
    'AUDIO_DAMAGED',
    bytes.path,
    `No frame begins at byte ${bytes.position}, where the one before it ends.`,
  );
}

async function isZero(bytes: FileBytes): Promise<boolean> {
  const start = bytes.position;
  while (bytes.remaining > 0) {
    if ((await bytes.read(batchBytes)).some((byte) => byte !== 0)) {
      bytes.seek(start);
      return false;
    }
  }
  return true;
}
