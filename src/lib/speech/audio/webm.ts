import { speechRateHz } from '../types.js';
import { dropStart, keepStart, lengthOf } from './channels.js';
import type { Planar, Recording } from './decoded.js';
import { audioError } from './errors.js';
import type { FileBytes } from './file-bytes.js';
import { createOpusDecoder, type OpusHead, opusRateHz, opusStep, parseOpusHead } from './opus.js';
import { webmBlocks } from './webm-blocks.js';
import { readWebmHeader, type WebmHeader } from './webm-header.js';

/** Less than this between two blocks is how times are rounded; more is a pause in which nothing was sent. */
const pauseS = 0.1;
const maxPauseS = 3600;
/** The longest Opus packet, by which the duration in a header may differ. */
const toleranceS = 0.12;

/**
 * Opus in WebM or Matroska (RFC 9559), also as browsers write it while they record: without sizes and without a duration. A
 * recording is cut off when an element is longer than the file, or less audio comes than the duration says; a live one that is cut
 * exactly between two elements is a shorter recording, and nobody can tell. Pauses without packets become silence.
 * @returns undefined when there is another codec in it, or the track is compressed again
 */
export async function openWebm(bytes: FileBytes): Promise<Recording | undefined> {
  const header = await readWebmHeader(bytes);
  if (header.track.codec !== 'A_OPUS' || header.isEncoded) return undefined;
  const head = parseOpusHead(header.track.codecPrivate, bytes.path);
  const claimedS = header.duration === undefined ? undefined : (header.duration * header.tickNs) / 1e9;
  return {
    format: 'webm-opus',
    sampleRateHz: opusRateHz,
    channels: head.channels,
    decodedRateHz: speechRateHz,
    claimedS,
    decode: (again) => decode(again, header, head, header.isOnly ? claimedS : undefined),
  };
}

async function* decode(
  bytes: FileBytes,
  header: WebmHeader,
  head: OpusHead,
  claimedS: number | undefined,
): AsyncGenerator<Planar> {
  const decoder = await createOpusDecoder(head, bytes.path);
  /** Decoded samples since the first block's time, those of the pre-skip included. */
  let position = 0;
  let startS: number | undefined;
  let toSkip = Math.round(head.preSkip / opusStep);
  try {
    for await (const { timestamp, packets, discardNs } of webmBlocks(bytes, header)) {
      const atS = (timestamp * header.tickNs) / 1e9;
      startS ??= atS;
      if (claimedS !== undefined && atS > claimedS + toleranceS) {
        const why = `It has sound at ${atS.toFixed(3)} s, and its header says ${claimedS.toFixed(3)} s.`;
        throw audioError('AUDIO_DAMAGED', bytes.path, why);
      }
      const pause = atS - startS - position / speechRateHz;
      if (pause > maxPauseS) {
        const why = `Nothing for ${Math.round(pause)} s; a pause may last ${maxPauseS} s.`;
        throw audioError('AUDIO_DAMAGED', bytes.path, why);
      }
      if (pause > pauseS) {
        yield* silence(Math.round(pause * speechRateHz), head.channels);
        position += Math.round(pause * speechRateHz);
      }
      const block = await decoder.decode(packets);
      const length = lengthOf(block);
      position += length;
      const kept = keepStart(block, Math.max(0, length - Math.round((discardNs * speechRateHz) / 1e9)));
      const skipped = Math.min(toSkip, lengthOf(kept));
      toSkip -= skipped;
      if (lengthOf(kept) > skipped) yield dropStart(kept, skipped);
    }
  } finally {
    decoder.free();
  }
  if (startS === undefined) throw audioError('AUDIO_EMPTY', bytes.path, 'Its audio track has no blocks.');
  const endS = startS + position / speechRateHz;
  if (claimedS !== undefined && endS < claimedS - toleranceS) {
    const why = `Its header says ${claimedS.toFixed(3)} s, and ${endS.toFixed(3)} s are there.`;
    throw audioError('AUDIO_TRUNCATED', bytes.path, why);
  }
}

function* silence(samples: number, channels: number): Generator<Planar> {
  for (let left = samples; left > 0; left -= speechRateHz) {
    yield Array.from({ length: channels }, () => new Float32Array(Math.min(left, speechRateHz)));
  }
}
