import { childrenOf, cutOff, floatOf, numberOf, readElement } from './ebml.js';
import { audioError } from './errors.js';
import { type FileBytes, latin1 } from './file-bytes.js';

/** Element IDs of Matroska: RFC 9559, section 5.1. */
export const ids = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  contentEncodings: 0x6d80,
  cluster: 0x1f43b675,
  timestamp: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  discardPadding: 0x75a2,
} as const;

const maxHeaderBytes = 1024 * 1024;
const audioType = 2;

export interface WebmHeader {
  /** Of the first element of the segment behind the tracks. */
  readonly start: number;
  /** Of the segment, undefined when it was written live. */
  readonly end: number | undefined;
  /** Nanoseconds of one tick. */
  readonly tickNs: number;
  /** In ticks. */
  readonly duration: number | undefined;
  readonly track: { readonly number: number; readonly codec: string; readonly codecPrivate: Uint8Array };
  readonly isEncoded: boolean;
  /** Whether the audio is alone, so that the duration is its own. */
  readonly isOnly: boolean;
}

/** @throws UsageError AUDIO_EMPTY without an audio track, AUDIO_TRUNCATED when the segment is longer than the file */
export async function readWebmHeader(bytes: FileBytes): Promise<WebmHeader> {
  let end: number | undefined;
  let tickNs = 1_000_000;
  let duration: number | undefined;
  for (;;) {
    const element = await readElement(bytes);
    if (element === undefined) throw audioError('AUDIO_TRUNCATED', bytes.path, 'It ends before its tracks.');
    if (element.end !== undefined && element.end > bytes.size) throw cutOff(bytes.path, element.start);
    if (element.id === ids.segment) {
      end = element.end;
      continue;
    }
    if (element.id === ids.cluster) throw audioError('AUDIO_DAMAGED', bytes.path, 'It has sound before its tracks.');
    if (element.end === undefined) {
      throw audioError('AUDIO_DAMAGED', bytes.path, `The element at byte ${element.start} has no size.`);
    }
    if (element.id === ids.info || element.id === ids.tracks) {
      const content = await headerContent(bytes, element.end - element.start);
      if (element.id === ids.tracks)
        return { start: element.end, end, tickNs, duration, ...audioTrack(content, bytes.path) };
      for (const child of childrenOf(content)) {
        if (child.id === ids.timestampScale) tickNs = numberOf(child.content) || tickNs;
        if (child.id === ids.duration) duration = floatOf(child.content);
      }
    }
    bytes.seek(element.end);
  }
}

async function headerContent(bytes: FileBytes, size: number): Promise<Uint8Array> {
  if (size > maxHeaderBytes) {
    throw audioError(
      'AUDIO_DAMAGED',
      bytes.path,
      `Its header claims ${size} bytes; at most ${maxHeaderBytes} are read.`,
    );
  }
  return await bytes.read(size);
}

function audioTrack(content: Uint8Array, path: string): Pick<WebmHeader, 'track' | 'isEncoded' | 'isOnly'> {
  const tracks = [...childrenOf(content)].filter(({ id }) => id === ids.trackEntry);
  for (const track of tracks) {
    const fields = new Map([...childrenOf(track.content)].map((field) => [field.id, field.content]));
    const field = (id: number) => fields.get(id) ?? new Uint8Array(0);
    if (numberOf(field(ids.trackType)) !== audioType) continue;
    const codec = latin1(field(ids.codecId));
    return {
      track: { number: numberOf(field(ids.trackNumber)), codec, codecPrivate: field(ids.codecPrivate) },
      isEncoded: fields.has(ids.contentEncodings),
      isOnly: tracks.length === 1,
    };
  }
  throw audioError('AUDIO_EMPTY', path, 'It has no audio track.');
}
