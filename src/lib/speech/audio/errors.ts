import { UsageError } from '../../base/errors/mlops-error.js';
import type { AudioErrorCode } from '../types.js';

const whatHappened: Record<AudioErrorCode, string> = {
  AUDIO_EMPTY: 'holds no audio',
  AUDIO_UNKNOWN: 'is in no audio format that is known here',
  AUDIO_UNSUPPORTED: 'holds audio that cannot be read here',
  AUDIO_DAMAGED: 'is damaged',
  AUDIO_TRUNCATED: 'is cut off',
  AUDIO_TOO_LONG: 'is too long',
};

/** How any recording becomes one that can be read, and is the speech models' own rate. */
export const convertAction = 'Convert it: ffmpeg -i RECORDING -ar 16000 converted.wav';

/** The error for a file that gives no audio; `why` names the byte, the time or the limit. */
export function audioError(
  code: AudioErrorCode,
  path: string,
  why: string,
  details: { actions?: readonly string[]; cause?: unknown } = {},
): UsageError {
  return new UsageError(`${path} ${whatHappened[code]}`, { code, why, ...details });
}

/** Rates of recordings that are believed; the highest is twice what the best studio gear does. */
export const minSampleRateHz = 1000;
export const maxSampleRateHz = 768_000;
/** Twice the channels of the largest surround layouts. */
export const maxChannels = 32;

/** @throws UsageError AUDIO_DAMAGED when a header says what no recording can have */
export function refuseImplausible(path: string, sampleRateHz: number, channels: number): void {
  if (!(sampleRateHz >= minSampleRateHz && sampleRateHz <= maxSampleRateHz)) {
    const limit = `A recording has ${minSampleRateHz} to ${maxSampleRateHz} Hz.`;
    throw audioError('AUDIO_DAMAGED', path, `Its header says ${sampleRateHz} Hz. ${limit}`);
  }
  if (!(channels >= 1 && channels <= maxChannels)) {
    const limit = `At most ${maxChannels} are read, at least one has to be there.`;
    throw audioError('AUDIO_DAMAGED', path, `Its header says ${channels} channels. ${limit}`);
  }
}
