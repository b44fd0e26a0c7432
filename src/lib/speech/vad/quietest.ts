/** A word's inner gaps are shorter than this many windows: the quiet has to be wider to be between words. */
const spread = 2;

/** The window of the range whose surroundings have the least energy; the latest of equals. */
export function quietestWindow(energies: readonly number[], from: number, to: number): number {
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  for (let at = from; at <= to; at++) {
    const around = energies.slice(Math.max(0, at - spread), at + spread + 1);
    const mean = around.reduce((sum, energy) => sum + energy, 0) / around.length;
    if (mean <= least) {
      least = mean;
      best = at;
    }
  }
  return best;
}
