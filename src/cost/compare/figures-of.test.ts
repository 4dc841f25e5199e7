// Figures of a set-up: what is left out of a search makes no difference, and what makes one is asked.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sketchService, sketchSetUp, sketchWorkload } from '../../../test/support/set-up.ts';
import type { SetUp } from '../estimate/set-up.ts';
import { freeTierOf } from '../free-tier.ts';
import { priceBook } from '../prices/price-book.ts';
import type { Mix } from './comparison.ts';
import { figuresOf } from './figures-of.ts';
import { priceMix, totalOfMix } from './mix-cost.ts';

const BOOK = priceBook('us-east-1');
const MIXES: readonly Mix[] = ['lambda', 'fargate', 'hybrid'];

const setUps = fc
  .record({
    lambdaMs: fc.integer({ min: 5, max: 3000 }),
    fargateMs: fc.integer({ min: 5, max: 3000 }),
    cpuMs: fc.constantFrom(0, 5, 58),
    concurrency: fc.constantFrom(undefined, 1, 20),
    coldShare: fc.constantFrom(0, 0.01),
    logBytes: fc.constantFrom(0, 300),
    responseBytes: fc.constantFrom(0, 2000),
    provisioned: fc.constantFrom(0, 0, 3),
    beside: fc.constantFrom('nothing', 'both', 'fargate', 'lambda'),
  })
  .map(({ beside, ...sketch }): SetUp => {
    const setUp = sketchSetUp({ ...sketch, fargate: { autoscaling: true } });
    if (beside === 'nothing') return setUp;
    const other = sketchService('beside', sketch);
    const only = {
      ...other,
      share: 0.3,
      lambda: beside === 'fargate' ? undefined : other.lambda,
      fargate: beside === 'lambda' ? undefined : other.fargate,
    };
    return { ...setUp, services: [...setUp.services, only] };
  });

const priced = fc
  .record({
    setUp: setUps,
    perDay: fc.integer({ min: 1, max: 20_000_000 }),
    peak: fc.constantFrom(1, 2, 5),
    steps: fc.constantFrom([1], [0.5, 1.5], [0.1, 0.4, 2, 1.5]),
    mode: fc.constantFrom('none' as const, 'always' as const),
  })
  .map(({ setUp, perDay, peak, steps, mode }) => ({
    setUp,
    workload: sketchWorkload(perDay, peak, steps),
    book: BOOK,
    allowances: freeTierOf(mode),
  }));

describe('a figure that does not matter to a mix', () => {
  it('changes nothing of its bill', () => {
    fc.assert(
      fc.property(priced, fc.constantFrom(0.1, 0.9, 1.1, 7), (one, times) => {
        for (const mix of MIXES) {
          const total = Number(totalOfMix(one, mix, 'expected'));
          for (const { name, figure, matters, replace } of figuresOf(one.setUp)) {
            if (matters(mix)) continue;
            const setUp = replace({ ...figure, expected: figure.expected * times });
            const moved = Number(totalOfMix({ ...one, setUp }, mix, 'expected'));
            // Doubles of loads may round apart: pico-dollars of thousands of dollars.
            expect(Math.abs(moved - total), name).toBeLessThanOrEqual(1e-12 * total);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is one of the other compute, and none of the hybrid', () => {
    const left = (mix: Mix) =>
      figuresOf(sketchSetUp({ concurrency: 5 })).filter(({ matters }) => !matters(mix));
    const names = (mix: Mix) => left(mix).map(({ name }) => name);
    expect(names('lambda')).toEqual(['fargateMs', 'cpuMs', 'concurrency']);
    expect(names('fargate')).toEqual(['lambdaMs', 'coldShare', 'initMs', 'invocationLogBytes']);
    expect(names('hybrid')).toEqual([]);
  });
});

describe('the total alone', () => {
  it('is that of the bill, to the pico-dollar', () => {
    fc.assert(
      fc.property(priced, (one) => {
        for (const mix of MIXES) {
          const { bill } = priceMix(one, mix, 'expected');
          expect(totalOfMix(one, mix, 'expected')).toBe(bill.total.all);
        }
      }),
      { numRuns: 100 },
    );
  });
});
