import { UsageError } from '../base/errors/mlops-error.js';

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** `50/s`, `3/m` or `100000/d` -> requests per second. Throws UsageError `INVALID_RATE`. */
export function parseRate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*\/\s*([smhd])$/.exec(text.trim());
  const seconds = units[match?.[2] ?? ''];
  const perSecond = match === null || seconds === undefined ? Number.NaN : Number(match[1]) / seconds;
  if (perSecond > 0) return perSecond;
  throw new UsageError(`'${text}' is not a rate`, {
    code: 'INVALID_RATE',
    why: 'Expected requests per second, minute, hour or day, such as 50/s, 3/m or 100000/d, and more than 0.',
  });
}
