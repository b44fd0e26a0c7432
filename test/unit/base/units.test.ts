import { describe, expect, test } from 'vitest';
import {
  formatCount,
  formatDuration,
  formatSize,
  parseDuration,
  parsePercentage,
  parseSize,
} from '../../../src/lib/base/units.js';

describe('parseDuration', () => {
  test.each([
    ['250ms', 250],
    ['45s', 45_000],
    ['1.5m', 90_000],
    ['6h', 21_600_000],
    ['30d', 2_592_000_000],
    [' 10 s ', 10_000],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(['', '45', 's', '-1s', '1e3s', '45 seconds', '1m30s', 'NaNs'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrowError(expect.objectContaining({ code: 'INVALID_DURATION', exitCode: 2 }));
  });
});

describe('parseSize', () => {
  test.each([
    ['512KiB', 524_288],
    ['1MiB', 1_048_576],
    ['1MB', 1_000_000],
    ['4096B', 4096],
  ])('%s is %d bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each(['1', '1mb', '1 megabyte', '-1MiB'])('refuses %j', (text) => {
    expect(() => parseSize(text)).toThrowError(expect.objectContaining({ code: 'INVALID_SIZE' }));
  });
});

describe('parsePercentage', () => {
  test.each([
    ['99.9%', 0.999],
    ['99.95 %', 0.9995],
    ['0%', 0],
    ['100%', 1],
  ])('%s is exactly %d', (text, ratio) => expect(parsePercentage(text)).toBe(ratio));

  test.each(['99.9', '101%', '-1%', '%', 'all'])('refuses %j', (text) => {
    expect(() => parsePercentage(text)).toThrowError(expect.objectContaining({ code: 'INVALID_PERCENTAGE' }));
  });
});

test('formats the way people read', () => {
  expect([850, 45_000, 125_000, 7_380_000].map(formatDuration)).toEqual(['850 ms', '45 s', '2 m 5 s', '2 h 3 m']);
  expect([352, 1229, 20 * 2 ** 20].map(formatSize)).toEqual(['352 B', '1.2 KiB', '20.0 MiB']);
  expect(formatCount(50_000)).toBe('50,000');
});
