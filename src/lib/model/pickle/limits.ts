/** What reading one pickle may cost. Each limit is named in the message that enforces it. */
export interface PickleLimits {
  /** Size of the file. */
  readonly bytes: number;
  /** Size of a compressed file's content, all of which is in memory: a thousandth of it makes as much. */
  readonly uncompressedBytes: number;
  readonly opcodes: number;
  /** Remembered objects. */
  readonly memo: number;
  /** Levels of nesting, of MARKs while reading and of the resulting structure. */
  readonly depth: number;
  /** Objects of the resulting structure when shared ones are counted as often as they are referred to. */
  readonly nodes: number;
  /** Wall clock, in milliseconds. */
  readonly timeMs: number;
}

/**
 * Generous for a linear model: its pickle has a few hundred opcodes plus two per feature name, whatever the number of
 * coefficients. An opcode can cost some 200 bytes of memory (an empty dict), so a million stays far below Node's heap.
 */
export const defaultPickleLimits: PickleLimits = {
  bytes: 512 * 2 ** 20,
  uncompressedBytes: 256 * 2 ** 20,
  opcodes: 1_000_000,
  memo: 500_000,
  depth: 100,
  nodes: 50_000_000,
  timeMs: 60_000,
};
