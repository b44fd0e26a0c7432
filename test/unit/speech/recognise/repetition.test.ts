import { describe, expect, test } from 'vitest';
import { pickToken } from '../../../../src/lib/speech/recognise/choose.js';
import { loopStart } from '../../../../src/lib/speech/recognise/repetition.js';
import { textOf } from '../../../../src/lib/speech/recognise/tokenizer.js';

const times = (count: number, ...tokens: number[]) => Array.from({ length: count }, () => tokens).flat();

describe('where decoding began to turn in circles', () => {
  test.each([
    ['one token', [1, 2, ...times(16, 9)], 3],
    ['two tokens', [1, ...times(8, 5, 6)], 3],
    ['a phrase', [1, 2, 3, ...times(5, 10, 11, 12, 13)], 7],
    ['from the start', times(16, 7), 1],
    ['in the middle of a turn', [1, ...times(5, 10, 11, 12, 13), 10, 11], 5],
  ])('%s', (_what, tokens, kept) => {
    expect(loopStart(tokens)).toBe(kept);
  });

  test.each([
    ['no, no, no, no', times(8, 9, 4).slice(0, 15)],
    ['a phrase four times', times(4, 10, 11, 12, 13, 14)],
    ['a loop that ended', [...times(20, 9), 5]],
    ['nothing', []],
  ])('people say such things: %s', (_what, tokens) => {
    expect(loopStart(tokens)).toBeUndefined();
  });
});

test('the likeliest token, and how likely it is', () => {
  const logits = Float32Array.of(1, 3, 2, -50);
  const { token, logProbability } = pickToken(logits);
  expect(token).toBe(1);
  expect(logProbability).toBeCloseTo(Math.log(Math.exp(3) / (Math.exp(1) + Math.exp(3) + Math.exp(2))), 6);
});

test('control tokens and tokens beyond the vocabulary are no text', () => {
  expect(textOf([1, 15043, 2])).toBe('Hello');
  expect(textOf([32_700, 15043, 3186, 32_000])).toBe('Hello world');
  expect(textOf([])).toBe('');
});
