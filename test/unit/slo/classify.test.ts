import { expect, test } from 'vitest';
import { classify } from '../../../src/lib/slo/classify.js';
import { defaultSlos } from '../../../src/lib/slo/defaults.js';

const [availability, latency] = defaultSlos;

test.each([
  [200, 5, 'good', 'good'],
  [200, 100, 'good', 'good'],
  [200, 100.001, 'good', 'bad'],
  [400, 5, 'excluded', 'excluded'],
  [499, 5000, 'excluded', 'excluded'],
  [500, 5, 'bad', 'bad'],
  [503, 1, 'bad', 'bad'],
  [504, 10_000, 'bad', 'bad'],
] as const)('status %d after %d ms: availability %s, latency %s', (status, durationMs, forAvailability, forLatency) => {
  if (availability === undefined || latency === undefined) throw new Error('the defaults changed');
  expect(classify(availability, { status, durationMs })).toBe(forAvailability);
  expect(classify(latency, { status, durationMs })).toBe(forLatency);
});
