import { z } from 'zod';

const seconds = z.number().nonnegative();
const instant = z.iso.datetime();

const segment = z.object({
  start_s: seconds,
  end_s: seconds,
  text: z.string(),
  /** Channel of the recording, from 0; only when the channels were split. */
  speaker: z.int().nonnegative().optional(),
});

const warning = z.object({
  /** The model repeated itself, or did not stop by itself: what it said there was cut. */
  kind: z.enum(['repetition', 'runaway']),
  start_s: seconds,
  end_s: seconds,
});

/** A transcript as files, queues and the warehouse hold it: one JSON object a line. */
export const transcriptRecord = z.object({
  /** 32 hex digits, see id.ts: the same recording has the same one however often it is processed. */
  id: z.string().regex(/^[0-9a-f]{32}$/),
  /** The segments' texts in the order of time; empty for silence. */
  text: z.string(),
  /** When it was processed, ISO 8601 UTC. */
  timestamp: instant,
  /** `s3://bucket/key`, or the path of a file as it was named. */
  source: z.string().min(1),
  /** When the recording came to be where it is: S3's LastModified, a file's time of modification. */
  uploaded_at: instant,
  duration_s: seconds,
  /** Of the recording, before resampling and mixing. */
  sample_rate_hz: z.int().positive(),
  channels: z.int().positive(),
  /** BCP 47. */
  language: z.string(),
  model: z.string(),
  /** SHA-256 over the model's files, 64 hex digits. */
  model_digest: z.string(),
  segments: z.array(segment),
  /** Left out when there are none. */
  warnings: z.array(warning).optional(),
});

export type TranscriptRecord = z.output<typeof transcriptRecord>;
