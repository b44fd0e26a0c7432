import { UsageError } from './errors/mlops-error.js';

const durationUnits: Record<string, number> = { ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };
const sizeUnits: Record<string, number> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** `45s`, `1.5m`, `250ms`, `30d` -> milliseconds. Throws UsageError (`INVALID_DURATION`). */
export function parseDuration(text: string): number {
  return parseQuantity(text, durationUnits, 'INVALID_DURATION', 'a duration such as 45s, 250ms, 10m, 6h or 30d');
}

/** `1MiB`, `500kB`, `4096B` -> bytes. Throws UsageError (`INVALID_SIZE`). */
export function parseSize(text: string): number {
  return parseQuantity(text, sizeUnits, 'INVALID_SIZE', 'a size such as 512KiB, 1MiB or 2GB');
}

/** `99.9%` -> 0.999, exactly (the digits are shifted, not divided). Throws UsageError (`INVALID_PERCENTAGE`). */
export function parsePercentage(text: string): number {
  const match = /^(\d{1,3}(?:\.\d{1,9})?)\s*%$/.exec(text.trim());
  const percent = match === null ? Number.NaN : Number(match[1]);
  if (!(percent >= 0 && percent <= 100)) {
    throw new UsageError(`'${text}' is not a percentage`, {
      code: 'INVALID_PERCENTAGE',
      why: 'Expected a percentage from 0% to 100%, such as 99.9%.',
    });
  }
  return Number(`${match?.[1]}e-2`);
}

/** Milliseconds the way people read them: `850 ms`, `45 s`, `2 m 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`;
}

/** Bytes with a binary unit: `352 B`, `1.2 KiB`, `20.0 MiB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const exponent = Math.min(Math.floor(Math.log2(bytes) / 10), 3);
  return `${(bytes / 2 ** (10 * exponent)).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB'][exponent]}`;
}

/** Whole numbers with a thin grouping that every terminal shows: 50,000. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

function parseQuantity(text: string, units: Record<string, number>, code: string, expected: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim());
  const factor = match?.[2] === undefined ? undefined : units[match[2]];
  if (match === null || factor === undefined) {
    throw new UsageError(`'${text}' is not valid here`, { code, why: `Expected ${expected}.` });
  }
  return Number(match[1]) * factor;
}
