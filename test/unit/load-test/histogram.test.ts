import { describe, expect, it } from 'vitest';
import {
  createRecorder,
  encode,
  merge,
  percentileMs,
  record,
  summarise,
} from '../../../src/lib/load-test/histogram.js';

function recorder(values: readonly number[]) {
  const latencies = createRecorder();
  for (const value of values) record(latencies, value);
  return latencies;
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('summarise', () => {
  it('gives percentiles to 0.1 %, and the exact mean and maximum', () => {
    const summary = summarise(recorder(upTo(20_000).map((value) => value / 10)));
    const expected = { mean: 1000.05, p50: 1000, p90: 1800, p95: 1900, p99: 1980, p999: 1998, max: 2000 };
    expect(summary.mean).toBe(1000.05);
    expect(summary.max).toBe(2000);
    for (const [name, value] of Object.entries(expected)) {
      expect(Math.abs((summary[name as 'p50'] ?? 0) - value) / value).toBeLessThan(0.001);
    }
  });

  it('keeps microseconds apart', () => {
    expect(summarise(recorder(Array(100).fill(0.123)))).toMatchObject({
      mean: 0.123,
      p50: 0.123,
      p90: 0.123,
      max: 0.123,
    });
  });

  it.each([
    [0, { mean: null, p50: null, p90: null, p95: null, p99: null, p999: null, max: null }],
    [19, { p50: null, max: 19 }],
    [20, { p50: expect.any(Number), p90: null }],
    [999, { p95: expect.any(Number), p99: null }],
    [1_000, { p99: expect.any(Number), p999: null }],
    [9_999, { p999: null }],
    [10_000, { p999: expect.any(Number) }],
  ])('does not name a percentile that %i samples cannot carry', (count, expected) => {
    expect(summarise(recorder(upTo(count)))).toMatchObject(expected);
  });

  it('holds values far beyond the default timeout', () => {
    expect(summarise(recorder(Array(20).fill(3_600_000)))).toMatchObject({ p50: 3_600_000, max: 3_600_000 });
  });
});

describe('merge', () => {
  it('takes percentiles from the sum, which no average of percentiles gives', () => {
    const fast = encode(recorder(Array(900).fill(1)));
    const slow = encode(recorder(Array(100).fill(1_000)));
    const merged = merge([fast, slow]);
    expect(merged.histogram.totalCount).toBe(1_000);
    expect(percentileMs(merged, 50, 0)).toBe(1);
    expect(percentileMs(merged, 95, 0)).toBe(1_000);
    expect(summarise(merged)).toMatchObject({ mean: 100.9, max: 1_000 });
  });

  it('of nothing is empty', () => {
    expect(summarise(merge([])).max).toBeNull();
  });
});
