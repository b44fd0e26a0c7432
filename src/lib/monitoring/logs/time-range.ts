import { UsageError } from '../../base/errors/mlops-error.js';
import { parseDuration } from '../../base/units.js';

export interface TimeRange {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * From `since` to `until`: a duration back from now (`1h`, `2d`), or a point in time (`2026-01-31T10:00Z`; without a zone it
 * is local time). Throws UsageError `INVALID_TIME`, or `TIME_RANGE_EMPTY` for one that ends before it begins.
 */
export function timeRange(since: string, until: string | undefined, nowMs: number): TimeRange {
  const range = { fromMs: pointInTime(since, nowMs), untilMs: until === undefined ? nowMs : pointInTime(until, nowMs) };
  if (range.fromMs >= range.untilMs) {
    throw new UsageError('The time asked for ends before it begins', {
      code: 'TIME_RANGE_EMPTY',
      why: `From ${new Date(range.fromMs).toISOString()} until ${new Date(range.untilMs).toISOString()}.`,
    });
  }
  return range;
}

function pointInTime(text: string, nowMs: number): number {
  if (/^\d+(\.\d+)?\s*[A-Za-z]+$/.test(text.trim())) return nowMs - parseDuration(text);
  const point = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(point)) return point;
  throw new UsageError(`'${text}' is no time`, {
    code: 'INVALID_TIME',
    why: 'Expected a duration back from now such as 30m, 1h or 2d, or a time such as 2026-01-31T10:00Z.',
  });
}
