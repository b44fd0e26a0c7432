/** A ratio as a percentage with as many digits as it needs: 0.999 -> `99.9 %`, 1 - 0.999 -> `0.1 %`. */
export function formatRatio(ratio: number, digits = 10): string {
  return `${Number((ratio * 100).toPrecision(digits))} %`;
}
