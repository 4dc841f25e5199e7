import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addToLevels, meanOfLevel, slidingLevels } from './sliding-levels.ts';
import { addToMax, maxOf, slidingMax } from './sliding-max.ts';
import { addToMean, meanOf, slidingMean } from './sliding-mean.ts';
import { addToPercentiles, percentileOf, slidingPercentiles } from './sliding-percentiles.ts';

interface Sample {
  readonly value: number;
  readonly span: number;
}

/** The fewest of the latest samples that cover so many seconds, oldest first. */
function latest(samples: readonly Sample[], seconds: number): readonly Sample[] {
  let held = 0;
  let from = samples.length;
  while (from > 0 && held < seconds - 1e-9) {
    from -= 1;
    held += samples[from]?.span ?? 0;
  }
  return samples.slice(from);
}

const secondsOf = (samples: readonly Sample[]): number =>
  samples.reduce((sum, { span }) => sum + span, 0);

const samplesOf = (most: number): fc.Arbitrary<Sample[]> =>
  fc.array(
    fc.record({
      value: fc.oneof(fc.nat(most), fc.double({ min: 0, max: most, noNaN: true })),
      span: fc.constantFrom(1, 1, 1, 0.25, 3, 70),
    }),
    { minLength: 1, maxLength: 400 },
  );

describe('the mean over a window', () => {
  it('is that of 3 s: 1, 2, 3, then 2, 3, 10', () => {
    const mean = slidingMean(3);
    for (const value of [1, 2, 3]) addToMean(mean, value, 1);
    expect(meanOf(mean)).toBe(2);
    addToMean(mean, 10, 1);
    expect(meanOf(mean)).toBe(5);
  });

  it('is 0 before anything was seen, and of what was seen before the window is full', () => {
    const mean = slidingMean(60);
    expect(meanOf(mean)).toBe(0);
    addToMean(mean, 7, 1);
    expect(meanOf(mean)).toBe(7);
  });

  it('is the naive one', () => {
    fc.assert(
      fc.property(samplesOf(1000), (samples) => {
        const mean = slidingMean(20);
        samples.forEach(({ value, span }, index) => {
          addToMean(mean, value, span);
          const held = latest(samples.slice(0, index + 1), 20);
          const naive = held.reduce((sum, one) => sum + one.value * one.span, 0) / secondsOf(held);
          expect(meanOf(mean)).toBeCloseTo(naive, 6);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('forgets what it was: 0 once zeros fill it, after millions of large values', () => {
    const mean = slidingMean(60);
    for (let second = 0; second < 300_000; second += 1) addToMean(mean, 1e9 / (1 + second), 1);
    for (let second = 0; second < 60 + 64; second += 1) addToMean(mean, 0, 1);
    expect(meanOf(mean)).toBe(0);
  });
});

describe('the most over a window', () => {
  it('is that of 3 s: 5, 1, 2, then 1, 2, 0, then 2, 0, 0', () => {
    const most = slidingMax(3);
    for (const value of [5, 1, 2]) addToMax(most, value, 1);
    expect(maxOf(most)).toBe(5);
    addToMax(most, 0, 1);
    expect(maxOf(most)).toBe(2);
    addToMax(most, 0, 1);
    expect(maxOf(most)).toBe(2);
    addToMax(most, 0, 1);
    expect(maxOf(most)).toBe(0);
  });

  it('is the naive one, also where values fall for longer than there was room', () => {
    const falling = Array.from({ length: 300 }, (_, index) => ({ value: 1000 - index, span: 1 }));
    fc.assert(
      fc.property(fc.oneof(samplesOf(50), fc.constant(falling)), (samples) => {
        const most = slidingMax(150);
        samples.forEach(({ value, span }, index) => {
          addToMax(most, value, span);
          const held = latest(samples.slice(0, index + 1), 150);
          expect(maxOf(most)).toBe(Math.max(...held.map((one) => one.value)));
        });
      }),
      { numRuns: 20 },
    );
  });
});

describe('levels that pay over a window', () => {
  // 4 s of 10, 10, 30, 0 requests a second with μ = 10: level 0 has 10, 10, 10, 0, on the average 7.5;
  // levels 1 and 2 have 0, 0, 10, 0, on the average 2.5.
  const demand = [10, 10, 30, 0];

  it.each([
    [2.4, 3],
    [2.6, 1],
    [7.4, 1],
    [7.6, 0],
  ])('with %d requests a second to pay: %d', (payingRate, tasks) => {
    const levels = slidingLevels(4);
    let paying = 0;
    for (const rate of demand) {
      paying = addToLevels(levels, rate, 1, { taskRate: 10, maxTasks: 9, payingRate });
    }
    expect(paying).toBe(tasks);
    expect([0, 1, 2, 3, 99].map((level) => meanOfLevel(levels, level))).toEqual([
      7.5, 2.5, 2.5, 0, 0,
    ]);
  });

  it('before the window is full, what has not been is empty: 40 of 180 s at 22 % of full', () => {
    const levels = slidingLevels(180);
    const terms = { taskRate: 10, maxTasks: 9, payingRate: 2.2 };
    const paying = Array.from({ length: 41 }, () => addToLevels(levels, 10, 1, terms));
    expect(paying.indexOf(1)).toBe(39); // 40 × 10 ÷ 180 = 2.22
  });

  it('are the naive ones, also when μ changes', () => {
    fc.assert(
      fc.property(
        samplesOf(200),
        fc.double({ min: 0.1, max: 20, noNaN: true }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (samples, rate, share) => {
          const levels = slidingLevels(30);
          samples.forEach(({ value, span }, index) => {
            const taskRate = index < 100 ? rate : rate * 1.5;
            const terms = { taskRate, maxTasks: 25, payingRate: taskRate * share };
            const paying = addToLevels(levels, value, span, terms);
            const held = latest(samples.slice(0, index + 1), 30);
            const means = Array.from({ length: 25 }, (_, level) => naive(held, level, taskRate));
            const sure = means.filter((mean) => mean > terms.payingRate + 1e-9).length;
            const near = means.filter((mean) => mean > terms.payingRate - 1e-9).length;
            expect(paying).toBeGreaterThanOrEqual(sure);
            expect(paying).toBeLessThanOrEqual(near);
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  function naive(held: readonly Sample[], level: number, taskRate: number): number {
    const part = ({ value, span }: Sample) =>
      Math.min(Math.max(value - level * taskRate, 0), taskRate) * span;
    return held.reduce((sum, one) => sum + part(one), 0) / Math.max(30, secondsOf(held));
  }
});

describe('percentiles over look-backs', () => {
  it('are exact where a step ends at the value: of 1, 3, 7, 15 half are 3, three quarters 7', () => {
    const percentiles = slidingPercentiles([4, 2], [0.25, 0.5, 0.75, 1]);
    for (const value of [15, 1, 7, 3]) addToPercentiles(percentiles, value, 1);
    expect([0, 1, 2, 3].map((share) => percentileOf(percentiles, 0, share))).toEqual([1, 3, 7, 15]);
    expect([0, 1, 2, 3].map((share) => percentileOf(percentiles, 1, share))).toEqual([3, 3, 7, 7]);
  });

  it('are 0 before anything was seen', () => {
    expect(percentileOf(slidingPercentiles([60], [0.5]), 0, 0)).toBe(0);
  });

  it('are at most 2.2 % of 1 + value below the naive ones, and never above', () => {
    const lookBacks = [5, 90];
    const shares = [0.1, 0.5, 0.9];
    fc.assert(
      fc.property(samplesOf(5000), (samples) => {
        const percentiles = slidingPercentiles(lookBacks, shares);
        samples.forEach(({ value, span }, index) => {
          addToPercentiles(percentiles, value, span);
          lookBacks.forEach((seconds, lookBack) => {
            const held = latest(samples.slice(0, index + 1), seconds);
            shares.forEach((share, at) => {
              const naive = percentile(held, share);
              const one = percentileOf(percentiles, lookBack, at);
              expect(one).toBeLessThanOrEqual(naive + 1e-9);
              expect(one).toBeGreaterThanOrEqual(naive - 0.022 * (1 + naive));
            });
          });
        });
      }),
      { numRuns: 15 },
    );
  });

  function percentile(held: readonly Sample[], share: number): number {
    const sorted = held.toSorted((one, other) => one.value - other.value);
    let left = share * secondsOf(held) - 1e-9;
    for (const { value, span } of sorted) {
      left -= span;
      if (left <= 0) return value;
    }
    return Number.NaN;
  }
});
