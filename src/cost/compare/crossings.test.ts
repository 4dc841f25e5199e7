// The search for crossings against a scan of every volume.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Crossings, crossings } from './crossings.ts';
import type { CostCurve, Stair } from './curve.ts';

const SCALE = Number(process.env['FULCRUM_CROSSINGS'] ?? 1);
const RUNS = 10_000 * SCALE;

/** Seconds on a machine that is quiet. */
const SLOWLY = 300_000 * SCALE;

interface Tier {
  readonly from: number;
  readonly slope: number;
}

interface Sketch {
  readonly base: number;
  readonly tiers: readonly Tier[];
  readonly stairs: readonly { each: number; least: number; most: number; price: number }[];
}

/** Whole pico-dollars everywhere, so that a scan needs no tolerance. */
function curveOf({ base, tiers, stairs }: Sketch): CostCurve {
  const steps = stairs.map(({ each, least, most, price }): Stair => {
    const count = (perDay: number) => Math.min(most, Math.max(least, Math.ceil(perDay / each)));
    return { count, each, most, pico: price };
  });
  return {
    at: (perDay) => {
      let sum = base;
      for (const [index, { from, slope }] of tiers.entries()) {
        const end = tiers[index + 1]?.from ?? Number.POSITIVE_INFINITY;
        if (perDay > from) sum += slope * (Math.min(perDay, end) - from);
      }
      return BigInt(sum + steps.reduce((all, { count, pico }) => all + count(perDay) * pico, 0));
    },
    bends: tiers.map(({ from }) => from).filter((from) => from > 0),
    stairs: steps,
  };
}

/** Every volume up to where it is certain that nothing changes any more. */
function scan(
  fargate: CostCurve,
  lambda: CostCurve,
  end: number,
): Omit<Crossings, 'searchedTo' | 'several'> {
  let first: number | undefined;
  let lastAbove = 0;
  let lastNotAbove = 0;
  for (let perDay = 1; perDay <= end; perDay += 1) {
    if (fargate.at(perDay) > lambda.at(perDay)) lastAbove = perDay;
    else {
      first ??= perDay;
      lastNotAbove = perDay;
    }
  }
  return {
    first,
    holdsFrom: lastAbove < end ? lastAbove + 1 : undefined,
    lambdaHoldsFrom: lastNotAbove < end ? lastNotAbove + 1 : undefined,
  };
}

/** Pico-dollars: over the rounding, as real ones are. */
const unit = 1_000_000;
const price = (most: number) => fc.integer({ min: 0, max: most }).map((n) => n * unit);

const tiers = fc.uniqueArray(fc.integer({ min: 1, max: 1200 }), { maxLength: 3 }).chain((froms) =>
  fc.array(price(60), { minLength: froms.length + 1, maxLength: froms.length + 1 }).map((slopes) =>
    [0, ...froms.sort((a, b) => a - b)].map((from, index) => ({
      from,
      slope: slopes[index] ?? 0,
    })),
  ),
);

const stair = fc.record({
  each: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0.4, max: 90, noNaN: true })),
  least: fc.integer({ min: 0, max: 3 }),
  most: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 3, max: 9 })),
  price: price(2000),
});

const pair = fc.record({
  lambda: fc.record({ base: price(500), tiers, stairs: fc.constant([]) }),
  fargate: fc.record({
    base: price(9000),
    tiers: fc.oneof(tiers, fc.constant([{ from: 0, slope: 0 }])),
    stairs: fc.array(stair, { maxLength: 3 }),
  }),
});

describe('crossings', () => {
  it(
    'agrees with a scan of every volume',
    () => {
      const END = 4000;
      const seen = { all: 0, told: 0, several: 0, lambda: 0 };
      fc.assert(
        fc.property(pair, (sketches) => {
          const [fargate, lambda] = [curveOf(sketches.fargate), curveOf(sketches.lambda)];
          const { searchedTo, several, ...found } = crossings(fargate, lambda);
          seen.all += 1;
          const scanned = scan(fargate, lambda, END);
          expect(inside(found.first, END)).toBe(scanned.first);
          if (searchedTo < Number.POSITIVE_INFINITY) return;
          // What holds for good beyond the scan cannot be held against it.
          if ((found.holdsFrom ?? 0) <= END / 2 && (found.lambdaHoldsFrom ?? 0) <= END / 2) {
            seen.told += 1;
            if (found.lambdaHoldsFrom !== undefined) {
              seen.lambda += 1;
              expect(found.lambdaHoldsFrom).toBe(scanned.lambdaHoldsFrom);
              expect(several).toBe(changes(fargate, lambda, END) > (found.first === 1 ? 1 : 2));
            } else {
              if (found.first !== found.holdsFrom) seen.several += 1;
              expect(found.holdsFrom).toBe(scanned.holdsFrom);
            }
          }
        }),
        { numRuns: RUNS },
      );
      expect(seen.told).toBeGreaterThan(0.4 * seen.all);
      expect(seen.lambda).toBeGreaterThan(0.1 * seen.all);
      expect(seen.several).toBeGreaterThan(0.01 * seen.all);
    },
    SLOWLY,
  );
});

/** How often the cheaper one changes. */
function changes(fargate: CostCurve, lambda: CostCurve, end: number): number {
  let count = 0;
  let above = fargate.at(1) > lambda.at(1);
  for (let perDay = 2; perDay <= end; perDay += 1) {
    const now = fargate.at(perDay) > lambda.at(perDay);
    if (now !== above) count += 1;
    above = now;
  }
  return count;
}

function inside(value: number | undefined, end: number): number | undefined {
  return value !== undefined && value <= end ? value : undefined;
}
