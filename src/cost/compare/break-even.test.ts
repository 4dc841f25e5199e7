// Break-evens of random apps against their bills, and how they move with prices.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sketchService, sketchSetUp, sketchWorkload } from '../../../test/support/set-up.ts';
import type { SetUp } from '../estimate/set-up.ts';
import type { Workload } from '../estimate/workload.ts';
import type { FreeTierMode } from '../free-tier.ts';
import type { Pico } from '../money.ts';
import { priceBook } from '../prices/price-book.ts';
import { breakEvenOf } from './break-even.ts';
import type { CostCurve } from './curve.ts';
import { atVolume, curvesOf } from './curves.ts';
import { priceMix } from './mix-cost.ts';
import { type Pricing, pricingOf } from './pricing.ts';

/** FULCRUM_BREAK_EVENS=3000 took 6 minutes on a machine that was busy with other things. */
const RUNS = Number(process.env['FULCRUM_BREAK_EVENS'] ?? 400);

/** Seconds on a machine that is quiet. */
const SLOWLY = 10_000 * Math.max(30, RUNS);

interface Case {
  readonly setUp: SetUp;
  readonly workload: Workload;
  readonly freeTier: FreeTierMode;
}

const PRICINGS: Readonly<Record<FreeTierMode, Pricing>> = {
  none: pricingOf('none'),
  always: pricingOf('always'),
  legacy: pricingOf('legacy'),
};

const entry = fc.constantFrom<SetUp['entry']>(
  { lambda: 'none', fargate: 'none' },
  { lambda: 'http-api', fargate: 'http-api' },
  { lambda: 'http-api', fargate: 'alb' },
  { lambda: 'function-url', fargate: 'alb' },
  { lambda: 'alb', fargate: 'alb' },
  { lambda: 'rest-api', fargate: 'alb' },
);

const fargate = fc.record({
  cpuUnits: fc.constantFrom(256, 512, 1024),
  memoryMiB: fc.constantFrom(2048),
  minTasks: fc.integer({ min: 0, max: 3 }),
  autoscaling: fc.boolean(),
  spotShare: fc.constantFrom(0, 0, 0.5, 1),
});

const sketch = fc.record({
  region: fc.constantFrom('us-east-1', 'eu-west-2'),
  architecture: fc.constantFrom('x86_64' as const, 'arm64' as const),
  entry,
  memoryMiB: fc.constantFrom(128, 512, 1024, 1769, 3008),
  lambdaMs: fc.integer({ min: 5, max: 3000 }),
  cpuMs: fc.constantFrom(0, 1, 5, 20, 58, 200),
  concurrency: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
  coldShare: fc.constantFrom(0, 0.01),
  responseBytes: fc.constantFrom(0, 2000, 600_000),
  lambda: fc.record({ provisioned: fc.constantFrom(0, 0, 0, 3) }),
  fargate,
});

const shape = fc.constantFrom([1], [1], [0.5, 1.5], [0.1, 0.4, 2, 1.5]);

const cases = fc
  .record({
    sketch,
    other: fc.option(fc.record({ lambdaMs: fc.integer({ min: 5, max: 500 }), runs: fc.boolean() })),
    shape,
    peak: fc.constantFrom(1, 1, 2, 3, 10),
    freeTier: fc.constantFrom<FreeTierMode>('none', 'always', 'legacy'),
  })
  .map(({ sketch: one, other, shape: steps, peak, freeTier }): Case => {
    const setUp = sketchSetUp(one);
    const workload = sketchWorkload(1, peak, steps);
    if (other === null) return { setUp, workload, freeTier };
    const [api] = setUp.services;
    if (api === undefined) throw new Error('a sketch has a service');
    // A second program, which may run on Fargate alone.
    const beside = sketchService('beside', { ...one, lambdaMs: other.lambdaMs, lambda: {} });
    const services = [
      { ...api, share: 0.7 },
      { ...beside, share: 0.3, lambda: other.runs ? beside.lambda : undefined },
    ];
    return { setUp: { ...setUp, services }, workload, freeTier };
  });

/** The bill by the estimate and the rating, asked apart from the search. */
function bill(
  { setUp, workload, freeTier }: Case,
  mix: 'lambda' | 'fargate',
  perDay: number,
): Pico {
  const { bookOf, allowances } = PRICINGS[freeTier];
  const priced = { setUp, workload: atVolume(workload, perDay), book: bookOf(setUp.region) };
  return priceMix({ ...priced, allowances }, mix, 'expected').bill.total.all;
}

function isAbove(one: Case, perDay: number): boolean {
  return bill(one, 'fargate', perDay) > bill(one, 'lambda', perDay);
}

/** Both ends of each step, where Fargate is at its best and worst, and volumes spread over all. */
function volumesUpTo(curve: CostCurve, from: number, to: number): number[] {
  const found = new Set<number>([from, to - 1]);
  for (let step = 0; step < 60; step += 1) {
    found.add(Math.round(from * (to / from) ** (step / 60)));
  }
  for (let near = 1; near < 15; near += 1) found.add(from + near).add(to - near);
  for (const { each } of curve.stairs) {
    if (each === Number.POSITIVE_INFINITY) continue;
    const [begin, end] = [Math.floor(from / each), Math.ceil(to / each)];
    const stride = Math.max(1, Math.ceil((end - begin) / 40));
    for (let count = begin; count <= end; count += stride) {
      const step = Math.floor(count * each);
      for (const volume of [step - 1, step, step + 1, step + 2]) found.add(volume);
    }
  }
  return [...found].filter((perDay) => perDay >= from && perDay < to);
}

/** Beyond this the numbers of a month are no longer whole in doubles. */
const FAR = 1e10;

describe('break-even of any app', () => {
  it(
    'is where its bills say',
    () => {
      const seen = { first: 0, band: 0, never: 0, again: 0 };
      fc.assert(
        fc.property(cases, (one) => {
          const { setUp, workload, freeTier } = one;
          const { breakEven } = breakEvenOf(setUp, workload, PRICINGS[freeTier]);
          if (breakEven === null) return;
          const { fargate: curve } = curvesOf(setUp, workload, PRICINGS[freeTier]);
          const first = breakEven.firstRequestsPerDay;
          const holds = breakEven.holdsFromRequestsPerDay;
          const lambdaHolds = breakEven.lambdaHoldsFromRequestsPerDay;
          const all = (from: number, to: number, above: boolean) => {
            for (const perDay of volumesUpTo(curve, from, Math.min(to, FAR))) {
              expect(isAbove(one, perDay), `${perDay}`).toBe(above);
            }
          };
          if (first === null) seen.never += 1;
          else {
            seen.first += 1;
            expect(isAbove(one, first)).toBe(false);
            if (first > 1) all(1, first, true);
          }
          if (holds !== null) {
            expect(holds).toBeGreaterThanOrEqual(first ?? Number.NaN);
            if (holds > 1 && holds < FAR) expect(isAbove(one, holds - 1)).toBe(true);
            all(holds, holds * 6 + 1000, false);
            if (breakEven.band !== null) seen.band += 1;
          }
          if (lambdaHolds !== null && lambdaHolds < FAR) {
            if (lambdaHolds > 1) expect(isAbove(one, lambdaHolds - 1)).toBe(false);
            all(lambdaHolds, lambdaHolds * 6 + 1000, true);
            if (first !== null) seen.again += 1;
          }
          expect(breakEven.never === null).toBe(holds !== null);
        }),
        { numRuns: RUNS },
      );
      expect(seen.first).toBeGreaterThan(0.2 * RUNS);
      expect(seen.never).toBeGreaterThan(0);
    },
    SLOWLY,
  );

  it('never comes sooner when tasks cost more', () => {
    const dearer = pricingOf('none', {}, (region) => {
      const book = priceBook(region);
      return {
        ...book,
        price(item) {
          const price = book.price(item);
          if (price === undefined || !item.startsWith('fargate.')) return price;
          const [base, ...more] = price;
          return [{ ...base, pico: (base.pico * 13n) / 10n }, ...more];
        },
      };
    });
    const at = (value: number | null | undefined) => value ?? Number.POSITIVE_INFINITY;
    fc.assert(
      fc.property(cases, ({ setUp, workload }) => {
        const before = breakEvenOf(setUp, workload, PRICINGS.none).breakEven;
        const after = breakEvenOf(setUp, workload, dearer).breakEven;
        expect(at(after?.firstRequestsPerDay)).toBeGreaterThanOrEqual(
          at(before?.firstRequestsPerDay),
        );
        expect(at(after?.holdsFromRequestsPerDay)).toBeGreaterThanOrEqual(
          at(before?.holdsFromRequestsPerDay),
        );
      }),
      { numRuns: Math.min(RUNS, 30) },
    );
  });
});

describe('break-even', () => {
  const none = (setUp: SetUp, workload = sketchWorkload()) =>
    breakEvenOf(setUp, workload, PRICINGS.none);

  it('does not apply to what runs on one of the two', () => {
    const setUp = sketchSetUp();
    const services = setUp.services.map((service) => ({ ...service, lambda: undefined }));
    expect(none({ ...setUp, services })).toEqual({
      breakEven: null,
      notApplicable: 'no program of it has settings for both Lambda and Fargate',
    });
  });

  it('says which price is not known', () => {
    const { breakEven, notApplicable } = none(
      sketchSetUp({ region: 'me-south-1', architecture: 'arm64' }),
    );
    expect(breakEven).toBeNull();
    expect(notApplicable).toMatch(/no price for .*lambda\.arm64\.gbSecond.* in me-south-1$/);
  });

  it('does not count on more tasks than may run', () => {
    const at = (maxTasks: number) =>
      none(sketchSetUp({ concurrency: 1, fargate: { maxTasks } })).breakEven;
    // A task carries 5 requests a second, 432,000 a day.
    expect(at(1)).toMatchObject({
      firstRequestsPerDay: 430_829,
      holdsFromRequestsPerDay: null,
      searchedToRequestsPerDay: 432_000,
      never: 'above 432,000 requests a day it takes more tasks than may run: of "api" 1',
    });
    expect(at(2)).toMatchObject({ holdsFromRequestsPerDay: 580_734, never: null });
    const none2 = none(sketchSetUp({ cpuMs: 20, fargate: { maxTasks: 1 } }), sketchWorkload(1, 3));
    expect(none2.breakEven).toMatchObject({ firstRequestsPerDay: null });
    expect(none2.breakEven?.never).toMatch(/up to 216,000 requests a day.*from 1,030,449 on$/);
  });

  it('is told of bills that are curved, as with provisioned environments at a peak', () => {
    const bare = { entry: { lambda: 'none', fargate: 'none' }, provisioned: 3 } as const;
    const dear = { ...bare, memoryMiB: 128, lambdaMs: 5, cpuMs: 58, fargate: { minTasks: 0 } };
    expect(none(sketchSetUp(dear), sketchWorkload(1, 3)).breakEven).toMatchObject({
      firstRequestsPerDay: null,
      lambdaHoldsFromRequestsPerDay: 1,
      searchedToRequestsPerDay: null,
    });
    const one: Case = {
      setUp: sketchSetUp({ lambda: { provisioned: 3 }, lambdaMs: 100, cpuMs: 5 }),
      workload: sketchWorkload(1, 2),
      freeTier: 'none',
    };
    const first = none(one.setUp, one.workload).breakEven?.firstRequestsPerDay ?? Number.NaN;
    expect(isAbove(one, first)).toBe(false);
    expect(isAbove(one, first - 1)).toBe(true);
  });

  it('is the first request where Lambda alone has a dear thing that Fargate does not need', () => {
    const proxy = {
      name: 'proxy',
      on: 'lambda',
      quantities: [
        {
          item: 'rdsProxy.vcpuHour',
          amount: 14_600n,
          per: 1n,
          part: 'data',
          service: undefined,
          compute: undefined,
        },
      ],
    } as const;
    const { breakEven } = none(sketchSetUp({ resources: [proxy] }));
    expect(breakEven).toMatchObject({
      firstRequestsPerDay: 1,
      holdsFromRequestsPerDay: 1,
      band: null,
      never: null,
    });
    const again = none(sketchSetUp({ cpuMs: 58, resources: [proxy] }), sketchWorkload(1, 3));
    expect(again.breakEven).toMatchObject({
      firstRequestsPerDay: 1,
      holdsFromRequestsPerDay: null,
    });
    expect(again.breakEven?.lambdaHoldsFromRequestsPerDay).toBeGreaterThan(1_000_000);
    expect(again.breakEven?.never).toContain('with more Lambda is the cheaper one again');
  });
});
