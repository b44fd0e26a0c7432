import { expect, test } from 'vitest';
import { createResampler } from '../../../../src/lib/speech/audio/resample.js';
import { between, seeded } from '../../../support/random.js';
import { joined, signalToNoise, sweep } from '../../../support/speech-audio/sound.js';

const target = 16_000;
const seconds = 2;

function resample(input: Float32Array, from: number, blockSize: () => number): Float32Array {
  const resampler = createResampler(from, target);
  const parts: Float32Array[] = [];
  for (let at = 0; at < input.length; ) {
    const end = at + blockSize();
    parts.push(resampler.push(input.subarray(at, end)));
    at = end;
  }
  return joined([...parts, resampler.end()]);
}

// 44,099 Hz shares no factor with 16,000: it goes the way that interpolates between phases.
const rates = [48_000, 44_100, 22_050, 11_025, 8000, 96_000, 44_099];

test.each(rates)('from %i Hz: a sweep up to 0.85 of the lower Nyquist frequency comes out with 90 dB', (from) => {
  const top = (0.85 * Math.min(from, target)) / 2;
  const output = resample(sweep(from, seconds, 50, top), from, () => 8192);
  expect(output).toHaveLength(target * seconds);
  expect(signalToNoise(sweep(target, seconds, 50, top), output)).toBeGreaterThan(90);
});

test.each(rates.filter((rate) => rate > target))(
  'from %i Hz: what lies above 8 kHz does not come back below it',
  (from) => {
    const output = resample(sweep(from, seconds, target / 2, from / 2), from, () => 8192);
    const inner = output.subarray(1000, -1000);
    const power = inner.reduce((sum, value) => sum + value * value, 0) / inner.length;
    // Half of full scale has the power 1/8.
    expect(10 * Math.log10(power / 0.125)).toBeLessThan(-90);
  },
);

test.each([44_100, 8000, 44_099, 16_000])('from %i Hz: how the input is cut does not matter to a bit', (from) => {
  const input = sweep(from, 0.5, 100, 3000);
  const random = seeded(from);
  const whole = resample(input, from, () => input.length);
  expect(resample(input, from, () => between(random, 1, 999))).toEqual(whole);
  expect(resample(input.subarray(0, 500), from, () => 1)).toEqual(resample(input.subarray(0, 500), from, () => 500));
});

test('a constant stays one, and the length is the time, rounded up', () => {
  for (const from of [44_100, 8000, 12_345, 768_000]) {
    const output = resample(new Float32Array(from + 1).fill(0.25), from, () => 4096);
    expect(output).toHaveLength(Math.ceil(((from + 1) * target) / from));
    for (const value of output.subarray(200, -200)) expect(value).toBeCloseTo(0.25, 5);
  }
});

test('a fraction of a block, and nothing at all', () => {
  expect(resample(new Float32Array(1), 48_000, () => 1)).toHaveLength(1);
  expect(resample(new Float32Array(0), 48_000, () => 1)).toHaveLength(0);
});
