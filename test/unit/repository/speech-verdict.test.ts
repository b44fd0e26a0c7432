import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

type Run = { threads: number; factor: number; peakBytes: number };
interface Measured {
  readonly errors: number;
  readonly words: number;
  readonly busy: number;
  readonly runs: readonly Run[];
}
interface Verdict {
  readonly lines: readonly string[];
  readonly exitCode: number;
}
const place = pathToFileURL(join(import.meta.dirname, '../../../bench/support/speech-verdict.js')).href;
const { speechVerdict } = (await import(place)) as { speechVerdict: (measured: Measured) => Verdict };

const one = { threads: 1, factor: 0.041, peakBytes: 320e6 };
const two = { threads: 2, factor: 0.055, peakBytes: 510e6 };
const good: Measured = { errors: 3, words: 91, busy: 1.01, runs: [one, two] };

test('the figures that are asked stand beside those that were measured', () => {
  const { lines, exitCode } = speechVerdict(good);
  expect(exitCode).toBe(0);
  expect(lines.map((line) => line.replace(/ {2,}/g, '  ').trim())).toEqual([
    'at most  measured',
    'wrong words of 91  5  3  kept',
    'real-time factor, 1 thread  0.060  0.041  kept',
    'peak memory, 1 thread  600 MB  320 MB  kept',
    'real-time factor, 2 threads at once  0.060  0.055  kept',
    'peak memory, 2 threads at once  600 MB  510 MB  kept',
    '',
    'PASS: all figures are kept',
  ]);
});

test.each([
  ['words', { errors: 6 }, 3, 'FAIL: wrong words of 91'],
  ['time', { runs: [{ ...one, factor: 0.061 }, two] }, 3, 'FAIL: real-time factor, 1 thread'],
  ['time of two', { runs: [one, { ...two, factor: 0.07 }] }, 3, 'FAIL: real-time factor, 2 threads at once'],
  ['memory', { runs: [one, { ...two, peakBytes: 601e6 }] }, 3, 'FAIL: peak memory, 2 threads at once'],
  ['no time', { runs: [{ ...one, factor: Number.NaN }] }, 3, 'FAIL: real-time factor, 1 thread'],
  ['time, busy', { busy: 1.5, runs: [{ ...one, factor: 0.08 }] }, 4, 'INVALID: measure again'],
  ['time and words, busy', { busy: 1.5, errors: 9, runs: [{ ...one, factor: 0.08 }] }, 3, 'FAIL: wrong words of 91;'],
  ['nothing, busy', { busy: 1.5 }, 0, 'PASS'],
] as const)('missed: %s', (_what, change, exitCode, last) => {
  const verdict = speechVerdict({ ...good, ...change });
  expect(verdict.exitCode).toBe(exitCode);
  expect(verdict.lines.at(-1)).toContain(last);
});
