import type { Registry } from 'prom-client';
import { durationEdgesWith } from '../../slo/buckets.js';
import { PlainHistogram, TallyCounter } from './instruments.js';
import { createRequestMetrics, type RequestMetrics, type RequestMetricsOptions } from './request-metrics.js';

export interface TranscriptionMetrics extends RequestMetrics {
  readonly registry: Registry;
  /** A recording has a thread, after so long. */
  waited(ms: number): void;
  transcribed(audioS: number, ms: number): void;
}

/** Half an hour of audio takes minutes. */
const longEdges = [30, 60, 120, 300, 600];

/** The metrics of a server of a speech model: the names that any server has, and how much audio there was. */
export async function createTranscriptionMetrics(
  options: Pick<RequestMetricsOptions, 'model' | 'slos' | 'process'>,
): Promise<TranscriptionMetrics> {
  const requests = await createRequestMetrics({
    ...options,
    requests: 'Transcription requests',
    durationEdges: longEdges,
    reasons: ['queue_full', 'timeout', 'storage'],
  });
  const { registry } = requests;
  const bounds = [...durationEdgesWith([]), ...longEdges];
  const queueDelay = new PlainHistogram(registry, {
    name: 'mlops_queue_delay_seconds',
    help: 'Time that a recording waits for a thread',
    bounds,
  });
  const inference = new PlainHistogram(registry, {
    name: 'mlops_inference_duration_seconds',
    help: 'Decoding and recognising a recording',
    bounds,
  });
  const audio = new TallyCounter(registry, {
    name: 'mlops_audio_seconds_total',
    help: 'Audio that was transcribed; by mlops_inference_duration_seconds_sum it is how many times faster than real time',
  }).tally({});
  return {
    ...requests,
    waited: (ms) => queueDelay.observe(ms / 1000),
    transcribed(audioS, ms) {
      audio.count += audioS;
      inference.observe(ms / 1000);
    },
  };
}
