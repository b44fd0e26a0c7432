/** The header of one frame of MPEG-1, 2 or 2.5 audio, layer III: ISO/IEC 11172-3 section 2.4.2.3, ISO/IEC 13818-3. */
export interface Mp3Frame {
  /** Of the frame, its header included. */
  readonly bytes: number;
  readonly samples: number;
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  /** Where a Xing or Info tag would stand: behind the header, its checksum and the side information. */
  readonly tagOffset: number;
}

const kbits1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const kbits2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const rates1 = [44_100, 48_000, 32_000];

/** @returns undefined when no such frame begins there; a bit rate of "free" counts as none, nobody writes it */
export function mp3FrameAt(bytes: Uint8Array, at: number): Mp3Frame | undefined {
  const [sync = 0, second = 0, third = 0, fourth = 0] = bytes.subarray(at, at + 4);
  if (at + 4 > bytes.length || sync !== 0xff || (second & 0xe6) !== 0xe2) return undefined;
  const version = (second >> 3) & 3;
  const isMpeg1 = version === 3;
  const kbits = (isMpeg1 ? kbits1 : kbits2)[third >> 4];
  const rate = rates1[(third >> 2) & 3];
  if (version === 1 || kbits === undefined || kbits === 0 || rate === undefined) return undefined;
  const sampleRateHz = rate / (isMpeg1 ? 1 : version === 2 ? 2 : 4);
  const samples = isMpeg1 ? 1152 : 576;
  const channels = fourth >> 6 === 3 ? 1 : 2;
  const sideInformation = isMpeg1 ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17;
  return {
    bytes: Math.floor((samples * kbits * 125) / sampleRateHz) + ((third >> 1) & 1),
    samples,
    sampleRateHz,
    channels,
    tagOffset: 4 + sideInformation,
  };
}

/** Of so many headers, each where the frame before ends, one may be chance, all are not. */
const framesInARow = 4;

/** Offset of the first of several frames in a row, of one rate and as many channels; undefined when there are none. */
export function firstMp3Frame(bytes: Uint8Array): number | undefined {
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    if (areInARow(bytes, at)) return at;
  }
  return undefined;
}

function areInARow(bytes: Uint8Array, start: number): boolean {
  const first = mp3FrameAt(bytes, start);
  let frame = first;
  for (let at = start, count = 1; frame !== undefined; count++) {
    if (frame.sampleRateHz !== first?.sampleRateHz || frame.channels !== first.channels) return false;
    if (count === framesInARow) return true;
    at += frame.bytes;
    frame = mp3FrameAt(bytes, at);
  }
  return false;
}
