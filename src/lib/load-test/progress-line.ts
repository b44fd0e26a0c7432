import { formatCount } from '../base/units.js';
import type { LoadProgress } from './generate.js';

/** `128,412 ok · 11,204/s · p99 48.2 ms · 0 errors · 33 s left`. Errors never count as requests. */
export function progressLine(progress: LoadProgress, durationMs: number): string {
  const left = Math.ceil((durationMs - progress.elapsedMs) / 1000);
  const parts = [
    `${formatCount(progress.ok)} ok`,
    `${formatCount(progress.okPerSecond)}/s`,
    `p99 ${progress.p99 === null ? '-' : `${progress.p99.toFixed(1)} ms`}`,
    `${formatCount(progress.errors)} errors`,
    left > 0
      ? `${left} s left`
      : `waiting for the last ${formatCount(progress.sent - progress.ok - progress.errors)} answers`,
  ];
  return parts.join(' · ');
}
