/** Zero crossings of the filter on each side, its cutoff as a part of the lower Nyquist frequency, Kaiser's beta. */
const halfWidth = 42;
const cutoff = 0.925;
const beta = 10;
/** More phases than this are interpolated between: a linear step of 1/512 sample is wrong by -106 dB at most. */
const maxPhases = 512;

/** Filters of one pair of rates, one row per phase. Shared by the channels of a recording. */
interface Filters {
  readonly rows: Float32Array;
  readonly taps: number;
  /** Samples on each side of an output that it is made of. */
  readonly half: number;
  readonly phases: number;
  readonly isExact: boolean;
}

/**
 * Changes the rate of one channel, block by block: a polyphase FIR filter, a sinc windowed by Kaiser. Without delay: output
 * k lies at k / `toHz` seconds. How the input is cut into blocks does not matter to a single bit.
 *
 * At least 90 dB up to 85 % of the lower Nyquist frequency, and 90 dB against everything above it. The window, and the
 * choice of its beta and length for an attenuation: J. F. Kaiser and R. W. Schafer, IEEE Trans. ASSP 28(1), 1980; Oppenheim and
 * Schafer, "Discrete-Time Signal Processing", 3rd ed., equations 7.72 to 7.76. Rates by phases: J. O. Smith, "Digital
 * Audio Resampling", https://ccrma.stanford.edu/~jos/resample/.
 */
export interface Resampler {
  /** What can be said after these samples; values are not clipped. */
  push(samples: Float32Array): Float32Array;
  /** The rest: with it, ceil(samples in * `toHz` / `fromHz`) samples have come out. */
  end(): Float32Array;
}

/** @param fromHz and `toHz`, whole numbers */
export function createResampler(fromHz: number, toHz: number): Resampler {
  if (fromHz === toHz) return { push: (samples) => samples, end: () => new Float32Array(0) };
  const divisor = greatestCommonDivisor(fromHz, toHz);
  const up = toHz / divisor;
  const down = fromHz / divisor;
  const filters = filtersFor(up, down);
  const { half } = filters;
  // Silence before the first sample, as long as the filter reaches.
  let pending: Float32Array = new Float32Array(half - 1);
  let pendingStart = -(half - 1);
  let received = 0;
  let made = 0;

  const produce = (count: number) => {
    const output = new Float32Array(count);
    // Output k lies at input k * down / up: whole and fraction, exact in integers.
    let whole = Math.floor((made * down) / up);
    let fraction = (made * down) % up;
    for (let k = 0; k < count; k++) {
      output[k] = at(filters, fraction / up, pending, whole - half + 1 - pendingStart);
      fraction += down;
      whole += Math.floor(fraction / up);
      fraction %= up;
    }
    made += count;
    const keepFrom = Math.floor((made * down) / up) - half + 1 - pendingStart;
    pending = pending.subarray(keepFrom);
    pendingStart += keepFrom;
    return output;
  };
  const append = (samples: Float32Array) => {
    const joined = new Float32Array(pending.length + samples.length);
    joined.set(pending);
    joined.set(samples, pending.length);
    pending = joined;
  };
  return {
    push: (samples) => {
      append(samples);
      received += samples.length;
      // The last output whose filter lies within what has come: floor(k * down / up) + half < received.
      const ready = Math.max(0, Math.ceil(((received - half) * up) / down));
      return produce(Math.max(0, ready - made));
    },
    end: () => {
      append(new Float32Array(half));
      return produce(Math.ceil((received * up) / down) - made);
    },
  };
}

function at({ rows, taps, phases, isExact }: Filters, fraction: number, samples: Float32Array, start: number): number {
  const phase = fraction * phases;
  if (isExact) return dot(rows, Math.round(phase) * taps, samples, start, taps);
  const row = Math.floor(phase);
  const before = dot(rows, row * taps, samples, start, taps);
  const after = dot(rows, (row + 1) * taps, samples, start, taps);
  return before + (after - before) * (phase - row);
}

/** Sum of products, four at a time: half the time of one at a time. `count` is a multiple of 4. */
function dot(weights: Float32Array, from: number, samples: Float32Array, start: number, count: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = from, j = start, end = from + count; i < end; i += 4, j += 4) {
    a += (weights[i] as number) * (samples[j] as number);
    b += (weights[i + 1] as number) * (samples[j + 1] as number);
    c += (weights[i + 2] as number) * (samples[j + 2] as number);
    d += (weights[i + 3] as number) * (samples[j + 3] as number);
  }
  return a + b + (c + d);
}

function filtersFor(up: number, down: number): Filters {
  // When the rate falls, the filter is as much wider as its cutoff is lower.
  const narrowing = Math.min(1, up / down);
  const reach = halfWidth / narrowing;
  // Even, so that the number of taps is a multiple of 4.
  const half = 2 * Math.ceil((reach + 1) / 2);
  const taps = 2 * half;
  const isExact = up <= maxPhases;
  const phases = isExact ? up : maxPhases;
  const rowCount = isExact ? phases : phases + 1;
  const rows = new Float32Array(rowCount * taps);
  for (let row = 0; row < rowCount; row++) {
    const weights = Array.from({ length: taps }, (_, tap) => {
      const distance = tap - half + 1 - row / phases;
      return sinc(distance * cutoff * narrowing) * kaiser(distance / reach);
    });
    // Every phase passes a constant unchanged; otherwise the differences would be heard as a tone.
    const sum = weights.reduce((total, weight) => total + weight, 0);
    for (const [tap, weight] of weights.entries()) rows[row * taps + tap] = weight / sum;
  }
  return { rows, taps, half, phases, isExact };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Kaiser's window at `x`, -1 to 1: I0(beta * sqrt(1 - x^2)) / I0(beta). */
function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel0(beta * Math.sqrt(1 - x * x)) / bessel0(beta);
}

/** The modified Bessel function of the first kind and order 0, by its power series. */
function bessel0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
