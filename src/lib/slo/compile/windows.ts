const units: readonly [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** A window as Prometheus writes durations, in the largest unit that divides it: `5m`, `6h`, `3d`, `90s`. */
export function windowName(ms: number): string {
  const whole = Math.round(ms);
  const [unit, size] = units.find(([, size]) => whole % size === 0) ?? ['ms', 1];
  return `${whole / size}${unit}`;
}
