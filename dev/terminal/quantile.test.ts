import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile } from './quantile.ts';

describe('quantile', () => {
  it.each<[string, readonly number[], number, number]>([
    ['the only value at every share', [7], 0.99, 7],
    ['the smallest at 0', [3, 1, 2], 0, 1],
    ['the largest at 1', [3, 1, 2], 1, 3],
    ['the middle one of three at 0.5', [30, 10, 20], 0.5, 20],
    ['the upper of the two in the middle at 0.5', [1, 2, 3, 4], 0.5, 3],
    ['the second largest of 200 at 0.99', Array.from({ length: 200 }, (_, index) => index + 1), 0.99, 199],
    ['numbers by their value and not by their text', [9, 10, 100], 0.5, 10],
  ])('returns %s', (_, values, q, expected) => {
    expect(quantile(values, q)).toBe(expected);
  });

  it('returns NaN if there are no values', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('leaves the given array as it is', () => {
    const values = [2, 1];
    quantile(values, 0.5);
    expect(values).toEqual([2, 1]);
  });

  it('returns one of the values, never a smaller one for a larger share', () => {
    const values = fc.array(fc.integer(), { minLength: 1 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(values, share, share, (numbers, p, q) => {
        const [low, high] = [Math.min(p, q), Math.max(p, q)].map((each) => quantile(numbers, each));
        expect(numbers).toContain(low);
        expect(low).toBeLessThanOrEqual(high ?? Number.NaN);
      }),
    );
  });
});
