import { describe, expect, it } from 'vitest';
import { judge, wilson } from '../../../src/lib/slo/judge.js';

/** The defining property of Wilson's interval: its ends are the shares that a score test at 5 % just does not reject. */
function score(share: number, successes: number, trials: number): number {
  return Math.abs(successes / trials - share) / Math.sqrt((share * (1 - share)) / trials);
}

describe('the interval', () => {
  it.each([
    [1, 10],
    [9, 10],
    [950, 1_000],
    [49_999, 50_000],
    [3, 50_000],
  ])('of %d in %d ends where the score test does', (successes, trials) => {
    const { low, high } = wilson(successes, trials);
    expect(score(low, successes, trials)).toBeCloseTo(1.959964, 5);
    expect(score(high, successes, trials)).toBeCloseTo(1.959964, 5);
    expect(low).toBeLessThan(successes / trials);
    expect(high).toBeGreaterThan(successes / trials);
  });

  it('matches the worked example of 81 in 263 (Newcombe 1998, table II)', () => {
    const { low, high } = wilson(81, 263);
    expect([low.toFixed(4), high.toFixed(4)]).toEqual(['0.2553', '0.3662']);
  });

  it('of all or none ends at 1 and 0', () => {
    expect(wilson(50_000, 50_000)).toMatchObject({ high: 1 });
    expect(wilson(50_000, 50_000).low).toBeCloseTo(0.99992318, 7);
    expect(wilson(0, 20).low).toBe(0);
  });
});

describe('a judgement', () => {
  it('is met at exactly the target, and says that this may be chance', () => {
    expect(judge({ target: 0.999 }, { counted: 1_000, good: 999 })).toMatchObject({
      met: true,
      shown: false,
      burnRate: 1,
      requestsToShow: null,
    });
    expect(judge({ target: 0.999 }, { counted: 1_000, good: 998 })).toMatchObject({ met: false, burnRate: 2 });
  });

  it('50,000 good requests show 99.9 %, and cannot show 99.999 %', () => {
    const all = { counted: 50_000, good: 50_000 };
    expect(judge({ target: 0.999 }, all)).toMatchObject({ met: true, shown: true });
    expect(judge({ target: 0.99999 }, all)).toMatchObject({ met: true, shown: false, requestsToShow: 384_143 });
  });

  it.each([
    [0.999, 1],
    [0.99, 0.995],
    [0.9, 0.93],
  ])('names the number of requests that just shows %d at a share of %d', (target, share) => {
    const needed = judge({ target }, { counted: 1_000, good: share * 1_000 }).requestsToShow ?? 0;
    expect(wilson(share * needed, needed).low).toBeGreaterThanOrEqual(target - 1e-12);
    expect(wilson(share * (needed - 1), needed - 1).low).toBeLessThan(target);
  });

  it('of nothing is not met', () => {
    const nothing = judge({ target: 0.99 }, { counted: 0, good: 0 });
    expect(nothing).toMatchObject({ ratio: null, interval: null, burnRate: null, met: false, shown: false });
  });
});
