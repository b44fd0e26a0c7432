import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';

/**
 * Latencies in whole microseconds with three significant digits (the value is right to 0.1 %). The exact sum and
 * maximum are kept beside it, because a histogram only knows the edges of its buckets.
 */
export interface LatencyRecorder {
  readonly histogram: Histogram;
  sumMs: number;
  maxMs: number;
}

/** A recorder as it travels between threads and into the result; `encoded` is HdrHistogram's V2 format in base64. */
export interface EncodedLatencies {
  readonly encoded: string;
  readonly sumMs: number;
  readonly maxMs: number;
}

/** Milliseconds, three decimals. A percentile is null where fewer than ten samples lie beyond it. */
export interface LatencySummary {
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

/** What `p99` needs to say something: ten samples beyond it, so 1,000; `p999` needs 10,000. */
export const samplesBeyond = 10;

export function createRecorder(): LatencyRecorder {
  return {
    histogram: build({
      bitBucketSize: 32,
      autoResize: true,
      lowestDiscernibleValue: 1,
      // Grows when a longer timeout needs it: 16.7 s cover the default one without a resize in mid-test.
      highestTrackableValue: 2 ** 24,
      numberOfSignificantValueDigits: 3,
      useWebAssembly: false,
    }),
    sumMs: 0,
    maxMs: 0,
  };
}

export function record(recorder: LatencyRecorder, ms: number): void {
  const us = Math.round(ms * 1000);
  recorder.histogram.recordValue(Math.max(us, 1));
  recorder.sumMs += ms;
  if (ms > recorder.maxMs) recorder.maxMs = ms;
}

export function clear(recorder: LatencyRecorder): void {
  recorder.histogram.reset();
  recorder.sumMs = 0;
  recorder.maxMs = 0;
}

export function encode(recorder: LatencyRecorder): EncodedLatencies {
  return {
    encoded: encodeIntoCompressedBase64(recorder.histogram),
    sumMs: recorder.sumMs,
    maxMs: recorder.maxMs,
  };
}

/** Adds bucket by bucket: percentiles of several threads come from the sum, never from averages of percentiles. */
export function merge(parts: readonly EncodedLatencies[]): LatencyRecorder {
  const sum = createRecorder();
  for (const part of parts) {
    sum.histogram.add(decodeFromCompressedBase64(part.encoded));
    sum.sumMs += part.sumMs;
    sum.maxMs = Math.max(sum.maxMs, part.maxMs);
  }
  return sum;
}

export function summarise(recorder: LatencyRecorder): LatencySummary {
  const count = recorder.histogram.totalCount;
  const percentile = (q: number) => percentileMs(recorder, q, samplesBeyond);
  return {
    mean: count === 0 ? null : round3(recorder.sumMs / count),
    p50: percentile(50),
    p90: percentile(90),
    p95: percentile(95),
    p99: percentile(99),
    p999: percentile(99.9),
    max: count === 0 ? null : round3(recorder.maxMs),
  };
}

/** The value below which `q` percent of the samples lie, in ms; null when fewer than `beyond` samples lie above it. */
export function percentileMs(recorder: LatencyRecorder, q: number, beyond: number): number | null {
  const { histogram } = recorder;
  // Rounded, because 100 - 99.9 is a little less than 0.1 in binary.
  const above = Math.round(histogram.totalCount * (100 - q) * 1000) / 1e5;
  if (histogram.totalCount === 0 || above < beyond) return null;
  return round3(Math.min(histogram.getValueAtPercentile(q) / 1000, recorder.maxMs));
}

export function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
