import { subtitles } from '../../speech/subtitles.js';
import type { Segment, Transcription } from '../../speech/types.js';
import { jsonType } from '../http/problem.js';
import type { ResponseFormat } from './fields.js';

export interface Answer {
  readonly type: string;
  readonly body: string;
}

/**
 * A transcription in one of OpenAI's formats.
 * https://platform.openai.com/docs/api-reference/audio/json-object
 */
export function answerOf(transcription: Transcription, format: ResponseFormat): Answer {
  const { text, segments } = transcription;
  switch (format) {
    case 'json':
      return { type: jsonType, body: JSON.stringify({ text, usage: usageOf(transcription) }) };
    case 'verbose_json':
      return { type: jsonType, body: JSON.stringify(verbose(transcription)) };
    case 'text':
      return { type: 'text/plain; charset=utf-8', body: `${text}\n` };
    case 'srt':
      return { type: 'application/x-subrip; charset=utf-8', body: subtitles(segments, 'srt') };
    case 'vtt':
      return { type: 'text/vtt; charset=utf-8', body: subtitles(segments, 'vtt') };
  }
}

/**
 * Of what OpenAI gives with a segment, the figures of Whisper's own decoder (tokens, avg_logprob, compression_ratio,
 * no_speech_prob) are left out: there is nothing true to put there.
 */
function verbose(transcription: Transcription) {
  const { text, durationS, language, segments, warnings, model, modelDigest } = transcription;
  return {
    task: 'transcribe',
    language: languageName(language),
    duration: durationS,
    text,
    segments: segments.map(({ startS, endS, text: said }: Segment, id) => ({
      id,
      start: startS,
      end: endS,
      text: said,
      temperature: 0,
    })),
    usage: usageOf(transcription),
    model,
    model_digest: modelDigest,
    warnings: warnings.map(({ kind, startS, endS }) => ({ kind, start: startS, end: endS })),
  };
}

function usageOf({ durationS }: Transcription) {
  return { type: 'duration', seconds: Math.ceil(durationS) };
}

/** `en` -> `english`: the API says languages in words. */
function languageName(tag: string): string {
  const [primary = tag] = tag.split('-', 1);
  return (new Intl.DisplayNames('en', { type: 'language' }).of(primary) ?? tag).toLowerCase();
}
