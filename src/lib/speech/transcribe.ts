import { UsageError } from '../base/errors/mlops-error.js';
import { formatDuration } from '../base/units.js';
import type { Recogniser } from './recognise/recogniser.js';
import {
  type AudioStream,
  type Segment,
  speechRateHz,
  type Transcription,
  type TranscriptionWarning,
} from './types.js';
import { Channel } from './vad/channel.js';
import type { Piece } from './vad/segmenter.js';
import type { VoiceDetector } from './vad/silero.js';

/** The part of a Transcription that comes from the recording and not from the model's name. */
export type Heard = Omit<Transcription, 'language' | 'model' | 'modelDigest'>;

export interface ListenOptions {
  readonly recogniser: Recogniser;
  /** A new one for every channel. */
  readonly detector: () => VoiceDetector;
  /** Channels are speakers, and segments say which. */
  readonly split: boolean;
  readonly maxDurationS?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneS: number, totalS: number | undefined) => void;
}

/** Noise that the detector took for a voice: the model is unsure of everything that it hears in it. */
const leastLogProbability = -1.2;

/**
 * A recording as text. Reads the stream once, in memory that does not depend on its length.
 * Throws UsageError `AUDIO_TOO_LONG`, what the stream throws, and the signal's reason.
 */
export async function transcribeStream(stream: AudioStream, options: ListenOptions): Promise<Heard> {
  const { signal, onProgress, maxDurationS = Number.POSITIVE_INFINITY } = options;
  if (stream.claimedS !== undefined) refuseLonger(stream.claimedS, maxDurationS);
  const segments: Segment[] = [];
  const warnings: TranscriptionWarning[] = [];
  const channels: Channel[] = [];
  let samples = 0;

  async function hear(pieces: AsyncIterable<Piece>, speaker: number): Promise<void> {
    for await (const piece of pieces) {
      signal?.throwIfAborted();
      const startS = secondsOf(piece.start);
      const endS = secondsOf(piece.end);
      const { text, logProbability, cut } = await options.recogniser.recognise(piece.samples, signal);
      // Also of a piece whose text is then not believed: something was there.
      if (cut !== undefined) warnings.push({ kind: cut, startS, endS });
      if (logProbability < leastLogProbability || text === '') continue;
      segments.push({ startS, endS, text, ...(options.split ? { speaker } : {}) });
    }
  }

  for await (const block of stream.blocks) {
    signal?.throwIfAborted();
    samples += block[0]?.length ?? 0;
    refuseLonger(samples / speechRateHz, maxDurationS);
    for (const [index, channel] of block.entries()) {
      channels[index] ??= new Channel(options.detector());
      await hear(channels[index].push(channel), index);
    }
    onProgress?.(samples / speechRateHz, stream.claimedS);
  }
  for (const [index, channel] of channels.entries()) await hear(channel.end(), index);
  segments.sort((a, b) => a.startS - b.startS);
  warnings.sort((a, b) => a.startS - b.startS);
  return {
    text: segments.map(({ text }) => text).join(' '),
    segments,
    durationS: secondsOf(samples),
    sampleRateHz: stream.sampleRateHz,
    channels: stream.channels,
    warnings,
  };
}

function refuseLonger(durationS: number, maxDurationS: number): void {
  if (durationS <= maxDurationS) return;
  throw new UsageError('The recording is too long', {
    code: 'AUDIO_TOO_LONG',
    why: `It has more than the ${formatDuration(maxDurationS * 1000)} that are the limit here.`,
  });
}

/** To the millisecond. */
function secondsOf(samples: number): number {
  return Math.round((samples / speechRateHz) * 1000) / 1000;
}
