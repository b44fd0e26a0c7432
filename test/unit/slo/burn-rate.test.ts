import { describe, expect, it } from 'vitest';
import { burnRules } from '../../../src/lib/slo/burn-rate.js';

const hour = 3_600_000;
const day = 24 * hour;

const factors = (target: number, days: number) =>
  burnRules({ target, windowMs: days * day }).map(({ factor }) => Number(factor.toPrecision(4)));

describe('burn rules', () => {
  it.each([
    [30, [14.4, 6, 3, 1]],
    [28, [13.44, 5.6, 2.8, 1]],
    [14, [13.44, 5.6, 2.8, 1]],
    [7, [13.44, 3.5, 1.4, 1]],
    [90, [43.2, 18, 9, 3]],
  ])('over %d days have the factors of the table', (days, expected) => {
    expect(factors(0.999, days)).toEqual(expected);
  });

  it('are never met by a service that keeps its SLO', () => {
    for (const days of [1, 3, 7, 28, 30, 90]) {
      for (const target of [0.3, 0.9, 0.999]) expect(Math.min(...factors(target, days))).toBeGreaterThanOrEqual(1);
    }
  });

  it.each([0.05, 0.3, 0.5, 0.8, 0.9, 0.93])(
    'can all be met with a target of %d, and say what was lowered',
    (target) => {
      const rules = burnRules({ target, windowMs: 30 * day });
      for (const { errorRatio } of rules) expect(errorRatio).toBeLessThan(1);
      expect(rules.some(({ loweredFrom }) => loweredFrom === 14.4)).toBe(true);
      const [quick, slow] = rules;
      expect(quick?.factor).toBeGreaterThanOrEqual(slow?.factor ?? 0);
    },
  );

  it('keep the factors that can be met: an error ratio of 14.4 * 6.25 % is just possible', () => {
    expect(burnRules({ target: 0.9375, windowMs: 30 * day })[0]).toMatchObject({
      factor: 14.4,
      loweredFrom: undefined,
    });
  });

  it('leave out windows that are not shorter than that of the SLO', () => {
    const long = (windowMs: number) => burnRules({ target: 0.99, windowMs }).map(({ longMs }) => longMs / hour);
    expect(long(3 * day)).toEqual([1, 6, 24]);
    expect(long(day + 1)).toEqual([1, 6, 24]);
    expect(long(6 * hour)).toEqual([1]);
    expect(long(hour)).toEqual([]);
  });

  it('name the share of the budget that is gone when they fire', () => {
    for (const days of [7, 14, 28, 30]) {
      for (const { factor, longMs, budgetShare } of burnRules({ target: 0.999, windowMs: days * day })) {
        expect(budgetShare).toBeCloseTo((factor * longMs) / (days * day), 8);
      }
    }
  });

  it('has no dust of binary fractions in its error ratios', () => {
    expect(burnRules({ target: 0.999, windowMs: 30 * day }).map(({ errorRatio }) => errorRatio)).toEqual([
      0.0144, 0.006, 0.003, 0.001,
    ]);
  });
});
