import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsOf } from './percent.ts';

const bounds = (desired: number, minimumHealthyPercent: number, maximumPercent: number) => {
  const { min, max } = boundsOf(desired, { minimumHealthyPercent, maximumPercent });
  return [min, max];
};

describe('the bounds of a service', () => {
  it.each([
    // desired, 100/200, 50/100, 50/150, 75/125, 0/100, 100/100
    [0, [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0]],
    [1, [1, 2], [1, 1], [1, 1], [1, 1], [0, 1], [1, 1]],
    [2, [2, 4], [1, 2], [1, 3], [2, 2], [0, 2], [2, 2]],
    [3, [3, 6], [2, 3], [2, 4], [3, 3], [0, 3], [3, 3]],
    [4, [4, 8], [2, 4], [2, 6], [3, 5], [0, 4], [4, 4]],
    [5, [5, 10], [3, 5], [3, 7], [4, 6], [0, 5], [5, 5]],
    [6, [6, 12], [3, 6], [3, 9], [5, 7], [0, 6], [6, 6]],
    [7, [7, 14], [4, 7], [4, 10], [6, 8], [0, 7], [7, 7]],
    [8, [8, 16], [4, 8], [4, 12], [6, 10], [0, 8], [8, 8]],
    [9, [9, 18], [5, 9], [5, 13], [7, 11], [0, 9], [9, 9]],
    [10, [10, 20], [5, 10], [5, 15], [8, 12], [0, 10], [10, 10]],
  ])('of %i tasks: the minimum is rounded up, the maximum down', (desired, ...expected) => {
    expect([
      bounds(desired, 100, 200),
      bounds(desired, 50, 100),
      bounds(desired, 50, 150),
      bounds(desired, 75, 125),
      bounds(desired, 0, 100),
      bounds(desired, 100, 100),
    ]).toEqual(expected);
  });

  it('are whole numbers with what is desired between them', () => {
    const percent = (min: number, max: number) => fc.integer({ min, max });
    fc.assert(
      fc.property(fc.nat(5000), percent(0, 100), percent(100, 400), (desired, low, high) => {
        const [min = 0, max = 0] = bounds(desired, low, high);
        expect(Number.isInteger(min) && Number.isInteger(max)).toBe(true);
        expect(min).toBeLessThanOrEqual(desired);
        expect(max).toBeGreaterThanOrEqual(desired);
      }),
    );
  });
});
