import { audioError, convertAction } from './errors.js';
import { type FileBytes, latin1, viewOf } from './file-bytes.js';
import { firstMp3Frame, mp3FrameAt } from './mp3-frame.js';

/** What the first bytes say. `demuxer` is ffmpeg's name of the container, for what only ffmpeg reads. */
export type Container =
  | { readonly kind: 'wav' | 'flac' | 'mp3' | 'ogg' | 'matroska' }
  | { readonly kind: 'ffmpeg'; readonly name: string; readonly demuxer: string };

/** Containers for ffmpeg, by the bytes at an offset. Never one that names other files, such as a playlist. */
const forFfmpeg: readonly (readonly [offset: number, bytes: string, name: string, demuxer: string])[] = [
  [4, 'ftyp', 'MP4 or M4A', 'mov'],
  [4, 'moov', 'QuickTime', 'mov'],
  [4, 'mdat', 'QuickTime', 'mov'],
  // Room that old programs leave in front of the other two.
  [4, 'wide', 'QuickTime', 'mov'],
  [4, 'free', 'QuickTime', 'mov'],
  [4, 'skip', 'QuickTime', 'mov'],
  [0, 'NIST_1A\n', 'NIST SPHERE', 'nistsphere'],
  [0, 'ADIF', 'AAC', 'aac'],
  [0, '#!AMR', 'AMR', 'amr'],
  [0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11', 'Windows Media', 'asf'],
  [0, 'caff', 'Core Audio', 'caf'],
  [0, '.snd', 'AU', 'au'],
  [0, 'wvpk', 'WavPack', 'wv'],
  [0, 'MAC ', "Monkey's Audio", 'ape'],
  [0, 'TTA1', 'True Audio', 'tta'],
  [0, 'FLV\x01', 'Flash video', 'flv'],
  [0, '\x0b\x77', 'AC-3', 'ac3'],
  [0, 'riff\x2e\x91\xcf\x11', 'Wave64', 'w64'],
  [0, '\x00\x00\x01\xba', 'MPEG program stream', 'mpeg'],
];

const farthestFirstFrame = 64 * 1024;

/**
 * Says by its bytes what a file is and leaves the position where the container begins: behind ID3v2 tags, whose pictures
 * are skipped unread.
 * @throws UsageError AUDIO_UNKNOWN, also for an MP3 whose beginning may be missing
 */
export async function sniff(bytes: FileBytes): Promise<Container> {
  await skipId3(bytes);
  const head = await bytes.peek(4096);
  const starts = (text: string, at = 0) => latin1(head, at, at + text.length) === text;
  const isRiff = starts('RIFF') || starts('RF64') || starts('BW64') || starts('RIFX');
  if (isRiff && starts('WAVE', 8)) return { kind: 'wav' };
  if (starts('fLaC')) return { kind: 'flac' };
  if (starts('OggS')) return { kind: 'ogg' };
  if (starts('\x1a\x45\xdf\xa3')) return { kind: 'matroska' };
  if (isRiff && starts('AVI ', 8)) return ffmpeg('AVI', 'avi');
  if (starts('FORM') && starts('AIF', 8)) return ffmpeg('AIFF', 'aiff');
  for (const [offset, magic, name, demuxer] of forFfmpeg) if (starts(magic, offset)) return ffmpeg(name, demuxer);
  if (starts('G') && starts('G', 188) && starts('G', 376)) return ffmpeg('MPEG transport stream', 'mpegts');
  return mpegAudio(head) ?? (await laterMp3(bytes)) ?? refuse(bytes, head);
}

function ffmpeg(name: string, demuxer: string): Container {
  return { kind: 'ffmpeg', name, demuxer };
}

/** MPEG audio and AAC in ADTS have no magic number but 11 or 12 set bits: two frames in a row have to be there. */
function mpegAudio(head: Uint8Array): Container | undefined {
  const frame = mp3FrameAt(head, 0);
  if (frame !== undefined && (head.length <= frame.bytes || mp3FrameAt(head, frame.bytes) !== undefined))
    return { kind: 'mp3' };
  const second = head[1] ?? 0;
  if (head[0] === 0xff && (second & 0xf6) === 0xf0) return ffmpeg('AAC', 'aac');
  // Not layer I: with a checksum it begins as text in UTF-16 does, and nobody has any.
  const third = head[2] ?? 0xff;
  const isLayer2 = head[0] === 0xff && (second & 0xe6) === 0xe4 && third >> 4 !== 15 && ((third >> 2) & 3) !== 3;
  if (isLayer2) return ffmpeg('MPEG layer II', 'mp3');
  return undefined;
}

/**
 * MP3 behind zeros, which taggers leave, goes to its first frame. Behind anything else it is refused: that may be its lost
 * beginning, and nothing would say that words are missing; or the file is something else that holds an MP3.
 */
async function laterMp3(bytes: FileBytes): Promise<Container | undefined> {
  const ahead = await bytes.peek(farthestFirstFrame);
  const at = firstMp3Frame(ahead);
  if (at === undefined) return undefined;
  if (ahead.subarray(0, at).some((byte) => byte !== 0)) {
    const why = `MP3 begins only at byte ${bytes.position + at}; what stands before may be a beginning that is lost.`;
    // Unknown, not damaged: an archive in a folder of recordings is passed over and not a failure.
    throw audioError('AUDIO_UNKNOWN', bytes.path, why, { actions: [convertAction] });
  }
  bytes.skip(at);
  return { kind: 'mp3' };
}

function refuse(bytes: FileBytes, head: Uint8Array): never {
  const isText = head.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
  const first = [...head.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const why = isText ? 'It is text.' : `It begins with the bytes ${first}, with which no such format begins.`;
  throw audioError('AUDIO_UNKNOWN', bytes.path, why, { actions: isText ? [] : [convertAction] });
}

/** Tags in front of MP3, AAC and, by careless taggers, FLAC: ID3v2.4 section 3.1, https://id3.org/id3v2.4.0-structure */
export async function skipId3(bytes: FileBytes): Promise<boolean> {
  let skipped = false;
  for (;;) {
    const head = await bytes.peek(10);
    // The four bytes of the size have seven bits each.
    if (head.length < 10 || latin1(head, 0, 3) !== 'ID3' || head.subarray(6).some((byte) => byte > 127)) return skipped;
    const packed = viewOf(head).getUint32(6);
    const size =
      ((packed >> 24) << 21) | (((packed >> 16) & 0x7f) << 14) | (((packed >> 8) & 0x7f) << 7) | (packed & 0x7f);
    const footer = ((head[5] ?? 0) & 0x10) === 0 ? 0 : 10;
    if (10 + size + footer > bytes.remaining) {
      throw audioError('AUDIO_TRUNCATED', bytes.path, 'It ends within the ID3 tag at its start.');
    }
    bytes.skip(10 + size + footer);
    skipped = true;
  }
}
