/** A ratio as a percentage with as many digits as it needs: 0.999 -> `99.9 %`, 1 - 0.999 -> `0.1 %`. */
export function formatRatio(ratio: number, digits = 10): string {
  return `${Number((ratio * 100).toPrecision(digits))} %`;
}

/** The threshold of a latency SLO, not rounded: 100 -> `100 ms`, 2500 -> `2.5 s`. @param ms milliseconds */
export function formatThreshold(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Number((ms / 1000).toPrecision(10))} s`;
}
