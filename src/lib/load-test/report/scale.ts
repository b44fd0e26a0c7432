/** Maps values of one axis to coordinates, and names the values worth a line. */
export interface Scale {
  readonly ticks: readonly number[];
  at(value: number): number;
}

const mostLogTicks = 9;

/** From 0 to at least `max`, with about `count` round ticks (1, 2 or 5 times a power of ten). */
export function linearScale(max: number, from: number, to: number, count = 5): Scale {
  const step = roundStep((max > 0 ? max : 1) / count);
  const top = Math.ceil((max > 0 ? max : 1) / step - 1e-9) * step;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) =>
    Number((index * step).toPrecision(12)),
  );
  return { ticks, at: (value) => from + (value / top) * (to - from) };
}

/** From the round value (1, 2 or 5 times a power of ten) below `min` to the one above `max`, both greater than 0. */
export function logScale(min: number, max: number, from: number, to: number): Scale {
  const all = roundValues(min, max);
  const ticks = all.length <= mostLogTicks ? all : all.filter((value) => Number.isInteger(Math.log10(value)));
  const [low, high] = [Math.log10(all[0] ?? min), Math.log10(all.at(-1) ?? max)];
  return { ticks, at: (value) => from + ((Math.max(Math.log10(value), low) - low) / (high - low)) * (to - from) };
}

/** Linear while the tail can be read beside the body, logarithmic when it would flatten it. */
export function latencyScale(
  values: readonly number[],
  from: number,
  to: number,
): Scale & { readonly logarithmic: boolean } {
  const positive = values.filter((value) => value > 0);
  const max = Math.max(0, ...positive);
  const min = positive.reduce((least, value) => Math.min(least, value), max);
  const logarithmic = min > 0 && max / min > 50;
  return { ...(logarithmic ? logScale(min, max, from, to) : linearScale(max, from, to)), logarithmic };
}

function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = step / power;
  return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}

function roundValues(min: number, max: number): number[] {
  const values: number[] = [];
  for (let power = Math.floor(Math.log10(min)); ; power++) {
    for (const factor of [1, 2, 5]) {
      const value = Number(`${factor}e${power}`);
      if (value <= min) values.length = 0;
      values.push(value);
      if (value >= max && values.length > 1) return values;
    }
  }
}
