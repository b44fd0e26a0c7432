import { UsageError } from '../../base/errors/mlops-error.js';
import { formatDuration } from '../../base/units.js';
import type { AudioErrorCode } from '../../speech/types.js';
import { ApiProblem } from './api-problem.js';

/**
 * 415 for what is not audio that can be read, 422 (RFC 9110 section 15.5.21) for what is, by its kind, and gives none all
 * the same, 413 for what is too long.
 */
const statuses: Readonly<Record<AudioErrorCode, number>> = {
  AUDIO_UNKNOWN: 415,
  AUDIO_UNSUPPORTED: 415,
  AUDIO_EMPTY: 422,
  AUDIO_DAMAGED: 422,
  AUDIO_TRUNCATED: 422,
  AUDIO_TOO_LONG: 413,
};

/** What an engine says of a recording, as an answer; any other error as it is. */
export function audioProblem(
  error: unknown,
  { path, fileName, durationMs }: { readonly path: string; readonly fileName: string; readonly durationMs: number },
): unknown {
  if (!(error instanceof UsageError) || !(error.code in statuses)) return error;
  const status = statuses[error.code as AudioErrorCode];
  const message =
    error.code === 'AUDIO_TOO_LONG'
      ? `${fileName} is longer than ${formatDuration(durationMs)}, the limit serve.limits.audio.duration`
      : // The client knows it by its own name, and where it lies here is nobody's business.
        [error.message, error.why]
          .filter((part) => part !== undefined)
          .join(': ')
          .replaceAll(path, fileName);
  return new ApiProblem(status, message, { param: 'file', code: error.code.toLowerCase() });
}
