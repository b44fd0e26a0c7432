/** Sample rate of everything inside this folder: speech models hear 16 kHz mono. */
export const speechRateHz = 16_000;

/** `mix`: one channel, the mean of all. `split`: every channel is a speaker of its own. */
export type ChannelMode = 'mix' | 'split';

/** Codec and container in one word, by what the bytes say, never by the file's name. */
export type AudioFormat = 'wav' | 'flac' | 'mp3' | 'ogg-vorbis' | 'ogg-opus' | 'webm-opus' | 'ffmpeg';

/** A recording that is being decoded. */
export interface AudioStream {
  readonly format: AudioFormat;
  /** Of the recording, before resampling. */
  readonly sampleRateHz: number;
  /** Of the recording, before mixing. */
  readonly channels: number;
  /** What the recording says of its own length; undefined when it says nothing. */
  readonly claimedS: number | undefined;
  /**
   * Blocks of bounded size at 16 kHz: one array per channel asked for (one when mixed), all of the same length, values
   * within -1..1. Read once. Rejects with AudioError `AUDIO_TRUNCATED` at the end when less came than the recording claims,
   * `AUDIO_DAMAGED` when its bytes cannot be decoded.
   */
  readonly blocks: AsyncIterable<readonly Float32Array[]>;
}

/** A stretch of speech, in seconds from the start of the recording. */
export interface Segment {
  readonly startS: number;
  readonly endS: number;
  readonly text: string;
  /** Channel of the recording, from 0; only with `split`. */
  readonly speaker?: number;
}

/** Something about the text that its reader has to know: decoding that ran away was cut, and where. */
export interface TranscriptionWarning {
  readonly kind: 'repetition' | 'runaway';
  readonly startS: number;
  readonly endS: number;
}

/** What was said in a recording. */
export interface Transcription {
  /** The segments' texts in the order of time; empty for silence and noise. */
  readonly text: string;
  readonly segments: readonly Segment[];
  /** Of the audio that was decoded. */
  readonly durationS: number;
  readonly sampleRateHz: number;
  readonly channels: number;
  /** BCP 47. */
  readonly language: string;
  /** Name in the catalog. */
  readonly model: string;
  /** SHA-256 over the model's files, 64 hex digits. */
  readonly modelDigest: string;
  readonly warnings: readonly TranscriptionWarning[];
}

export interface TranscribeOptions {
  readonly channels?: ChannelMode;
  /** A recording longer than this is refused with `AUDIO_TOO_LONG`, before the work where its header says so. */
  readonly maxDurationS?: number;
  readonly signal?: AbortSignal;
  /** Seconds of the recording that are done, and its length as far as it is known. */
  readonly onProgress?: (doneS: number, totalS: number | undefined) => void;
}

/**
 * A speech model at work on threads of its own: the caller's event loop stays free. At most `threads` recordings are
 * under work at once; more wait in the order of their calls.
 */
export interface SpeechEngine {
  readonly model: { readonly name: string; readonly digest: string; readonly language: string };
  /** Recordings that can be under work at once. */
  readonly threads: number;
  /**
   * @param path of an audio file, in any of the formats
   * @throws UsageError with an `AudioErrorCode` as its code when the file is not audio that can be read
   * @throws OperationError `RECOGNITION_FAILED` when the model fails; the signal's reason when it aborts
   */
  transcribe(path: string, options?: TranscribeOptions): Promise<Transcription>;
  /** Waits for what is under work, then frees the memory. May be called twice. */
  close(): Promise<void>;
}

/** Why a file gives no audio. */
export type AudioErrorCode =
  | 'AUDIO_EMPTY'
  | 'AUDIO_UNKNOWN'
  | 'AUDIO_UNSUPPORTED'
  | 'AUDIO_DAMAGED'
  | 'AUDIO_TRUNCATED'
  | 'AUDIO_TOO_LONG';
