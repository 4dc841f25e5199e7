import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Step } from '../model/autoscaling.ts';
import { adjusted, aggregate, round, stepFor } from './step-scaling.ts';

const above = { threshold: 50, comparison: 'GreaterThanThreshold' } as const;
const below = { threshold: 50, comparison: 'LessThanThreshold' } as const;

/** The example of AWS: unchanged between 40 and 60, 10 percent from there, 30 percent beyond 20. */
const OUT: readonly Step[] = [
  { from: 0, to: 10, by: 0 },
  { from: 10, to: 20, by: 10 },
  { from: 20, to: undefined, by: 30 },
];
const IN: readonly Step[] = [
  { from: undefined, to: -20, by: -30 },
  { from: -20, to: -10, by: -10 },
  { from: -10, to: 0, by: 0 },
];

const percent = { adjustment: 'percent', minMagnitude: 1 } as const;

describe('the worked example of AWS', () => {
  it('goes 10 → 11 → 14 → 13 → 10', () => {
    const values = [55, 60, 70, 45, 40, 30];
    let capacity = 10;
    const seen = values.map((value) => {
      const step = value > 50 ? stepFor(OUT, above, value) : stepFor(IN, below, value);
      capacity = adjusted(percent, capacity, step?.by ?? Number.NaN);
      return capacity;
    });
    expect(seen).toEqual([10, 11, 14, 14, 13, 10]);
  });

  it('has bounds that belong to the step farther from the threshold', () => {
    const by = (value: number) =>
      (value > 50 ? stepFor(OUT, above, value) : stepFor(IN, below, value))?.by;
    expect([59.9, 60, 69.9, 70, 200].map(by)).toEqual([0, 10, 10, 30, 30]);
    expect([40.1, 40, 30.1, 30, 0].map(by)).toEqual([0, -10, -10, -30, -30]);
  });

  it('on the threshold itself the comparison of the alarm decides', () => {
    expect(stepFor(OUT, { ...above, comparison: 'GreaterThanOrEqualToThreshold' }, 50)?.by).toBe(0);
    expect(stepFor(IN, { ...below, comparison: 'LessThanOrEqualToThreshold' }, 50)?.by).toBe(0);
  });

  it('has no step on the other side', () => {
    expect(stepFor(OUT, above, 49)).toBeUndefined();
  });
});

describe('adjustments', () => {
  it.each([
    [12.7, 12],
    [0.67, 1],
    [-0.58, -1],
    [-6.67, -6],
    [1, 1],
    [0, 0],
    [3.0000000000000004, 3],
  ])('%d is rounded to %d', (change, rounded) => {
    expect(round(change)).toBe(rounded);
  });

  it('in percent are at least the minimum magnitude: 25 percent of 4 with 2 is 2', () => {
    expect(adjusted({ ...percent, minMagnitude: 2 }, 4, 25)).toBe(6);
    expect(adjusted({ ...percent, minMagnitude: 2 }, 4, -25)).toBe(2);
    expect(adjusted({ ...percent, minMagnitude: 2 }, 4, 0)).toBe(4);
  });

  it('change by tasks, or say how many', () => {
    expect(adjusted({ adjustment: 'change', minMagnitude: 1 }, 3, 5)).toBe(8);
    expect(adjusted({ adjustment: 'change', minMagnitude: 1 }, 3, -5)).toBe(0);
    expect(adjusted({ adjustment: 'exact', minMagnitude: 1 }, 3, 5)).toBe(5);
  });

  it('look at the mean, the least or the most of the datapoints', () => {
    expect(aggregate('Average', [60, 90])).toBe(75);
    expect(aggregate('Minimum', [60, 90])).toBe(60);
    expect(aggregate('Maximum', [60, 90])).toBe(90);
    expect(aggregate('Average', [])).toBeUndefined();
  });

  it('never give fewer than none, and go the way they say', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.integer({ min: -300, max: 300 }), (capacity, by) => {
        const tasks = adjusted(percent, capacity, by);
        expect(tasks).toBeGreaterThanOrEqual(0);
        if (by > 0) expect(tasks).toBeGreaterThanOrEqual(capacity);
        if (by < 0) expect(tasks).toBeLessThanOrEqual(capacity);
      }),
    );
  });
});
