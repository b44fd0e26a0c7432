import type { Transcription } from '../speech/types.js';
import type { TranscriptRecord } from '../transcript/record.js';

export interface RecordFacts {
  readonly id: string;
  /** As records call it. */
  readonly source: string;
  readonly uploadedAt: Date;
  readonly processedAt: Date;
}

/** A transcription as the record that files, queues and the warehouse hold. Times are in milliseconds' precision. */
export function makeRecord(transcription: Transcription, facts: RecordFacts): TranscriptRecord {
  const { text, segments, warnings, durationS, sampleRateHz, channels, language, model, modelDigest } = transcription;
  return {
    id: facts.id,
    text,
    timestamp: facts.processedAt.toISOString(),
    source: facts.source,
    uploaded_at: facts.uploadedAt.toISOString(),
    duration_s: rounded(durationS),
    sample_rate_hz: sampleRateHz,
    channels,
    language,
    model,
    model_digest: modelDigest,
    segments: segments.map(({ startS, endS, text: said, speaker }) => ({
      start_s: rounded(startS),
      end_s: rounded(endS),
      text: said,
      ...(speaker === undefined ? {} : { speaker }),
    })),
    ...(warnings.length === 0
      ? {}
      : {
          warnings: warnings.map(({ kind, startS, endS }) => ({
            kind,
            start_s: rounded(startS),
            end_s: rounded(endS),
          })),
        }),
  };
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
