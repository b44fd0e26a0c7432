import { describe, expect, test } from 'vitest';
import { speechRateHz } from '../../../../src/lib/speech/types.js';
import { quietestWindow } from '../../../../src/lib/speech/vad/quietest.js';
import { defaultSegmenterOptions, type Piece, Segmenter } from '../../../../src/lib/speech/vad/segmenter.js';
import { windowSamples } from '../../../../src/lib/speech/vad/silero.js';

type Part = readonly [seconds: number, probability: number, level?: number];

/** Pieces of a recording given as stretches of probability; the samples count upwards, so that a shift is seen. */
function piecesOf(...parts: readonly Part[]): Piece[] {
  const segmenter = new Segmenter();
  const pieces: Piece[] = [];
  let position = 0;
  for (const [seconds, probability, level] of parts) {
    for (let left = Math.round((seconds * speechRateHz) / windowSamples); left > 0; left--) {
      const window = Float32Array.from({ length: windowSamples }, (_, i) => level ?? position + i);
      position += windowSamples;
      const piece = segmenter.push(window, probability);
      if (piece !== undefined) pieces.push(piece);
    }
  }
  const last = segmenter.flush();
  return last === undefined ? pieces : [...pieces, last];
}

const times = (pieces: readonly Piece[]) => pieces.map(({ start, end }) => [start / speechRateHz, end / speechRateHz]);

describe('pieces of a recording', () => {
  test('a piece is what is said, with a little on both sides, and its samples are those of its place', () => {
    const [piece, ...more] = piecesOf([2.048, 0], [1.024, 0.9], [2.048, 0]);
    expect(more).toEqual([]);
    expect(piece?.start).toBe(2.048 * speechRateHz - 0.2 * speechRateHz);
    expect(piece?.end).toBe(3.072 * speechRateHz + 0.2 * speechRateHz);
    expect(piece?.samples.length).toBe((piece?.end ?? 0) - (piece?.start ?? 0));
    expect(piece?.samples[0]).toBe(piece?.start);
    expect(piece?.samples.at(-1)).toBe((piece?.end ?? 0) - 1);
  });

  test('silence, and what stays below the threshold, is none', () => {
    expect(piecesOf([60, 0.01])).toEqual([]);
    expect(piecesOf([60, 0.49])).toEqual([]);
    expect(piecesOf()).toEqual([]);
  });

  test('a click is none: no voice is that short', () => {
    expect(piecesOf([1.024, 0], [0.064, 0.99], [1.024, 0])).toEqual([]);
    expect(piecesOf([1.024, 0], [0.128, 0.99], [1.024, 0])).toHaveLength(1);
  });

  test('a pause within a sentence does not cut it, the end of one does; speech at both ends is whole', () => {
    expect(times(piecesOf([1.024, 0.9], [0.512, 0.1], [1.024, 0.9]))).toEqual([[0, 2.56]]);
    expect(times(piecesOf([1.024, 0.9], [1.024, 0.1], [1.024, 0.9]))).toEqual([
      [0, 1.224],
      [1.848, 3.072],
    ]);
  });

  test('what falls below the first threshold lasts until it falls below the second', () => {
    expect(times(piecesOf([1.024, 0.9], [2.048, 0.4], [1.024, 0.1]))).toEqual([[0, 3.272]]);
  });

  test('a long piece ends at a short pause', () => {
    expect(piecesOf([6.4, 0.9], [0.32, 0.1], [6.4, 0.9])).toHaveLength(1);
    const pieces = times(piecesOf([14.08, 0.9], [0.32, 0.1], [6.4, 0.9]));
    expect(pieces).toEqual([
      [0, 14.28],
      [14.28, 20.8],
    ]);
  });

  test('where nobody pauses the cut is at the quietest place of the second half, and nothing is lost or said twice', () => {
    const pieces = piecesOf([18.016, 0.9, 0.5], [0.16, 0.9, 0.01], [40, 0.9, 0.5]);
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces[0]?.end).toBeGreaterThan(18.016 * speechRateHz);
    expect(pieces[0]?.end).toBeLessThan(18.2 * speechRateHz);
    for (const [index, piece] of pieces.entries()) {
      expect(piece.start).toBe(index === 0 ? 0 : pieces[index - 1]?.end);
      expect(piece.samples.length).toBe(piece.end - piece.start);
      expect(piece.samples.length).toBeLessThanOrEqual(defaultSegmenterOptions.maxS * speechRateHz);
    }
  });

  test('a last window may be shorter than the others', () => {
    const segmenter = new Segmenter();
    for (let i = 0; i < 20; i++) segmenter.push(new Float32Array(windowSamples), 0.9);
    segmenter.push(new Float32Array(100), 0.9);
    expect(segmenter.flush()?.end).toBe(20 * windowSamples + 100);
    expect(segmenter.flush()).toBeUndefined();
  });
});

test('the quietest place is wider than a gap within a word', () => {
  const energies = [5, 5, 0, 5, 5, 5, 1, 1, 1, 1, 1, 5, 5];
  expect(quietestWindow(energies, 0, 12)).toBe(8);
  expect(quietestWindow(energies, 0, 4)).toBe(4);
});
