// The plan of one moment: golden cases, and the numbered invariants of `plan.ts` on any.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tally } from './deployment.ts';
import { type Bounds, boundsOf } from './percent.ts';
import { type Plan, planOf, type Situation } from './plan.ts';

const tally = (over: Partial<Tally> = {}): Tally => ({
  live: 0,
  pending: 0,
  healthy: 0,
  failing: 0,
  leaving: 0,
  ...over,
});
const healthy = (count: number) => tally({ live: count, healthy: count });
const starting = (count: number) => tally({ live: count, pending: count });

const situation = (desired: number, bounds: Bounds, over: Partial<Situation>): Situation => ({
  desired,
  bounds,
  fresh: tally(),
  old: tally(),
  stalled: false,
  startLimit: Number.POSITIVE_INFINITY,
  balancing: 0,
  leavingUnhealthy: 0,
  ...over,
});

const NOTHING: Plan = {
  start: 0,
  stopSurplus: 0,
  stopReplaced: 0,
  stopOld: 0,
  stopAtRandom: false,
  stuck: false,
};

const cases: readonly (readonly [string, Situation, Partial<Plan>])[] = [
  ['nothing is there', situation(3, { min: 3, max: 6 }, {}), { start: 3 }],
  ['all is well', situation(3, { min: 3, max: 6 }, { fresh: healthy(3) }), {}],
  ['one is too many', situation(3, { min: 3, max: 6 }, { fresh: healthy(4) }), { stopSurplus: 1 }],
  [
    'a deployment begins with room for all',
    situation(2, { min: 2, max: 4 }, { old: healthy(2) }),
    { start: 2 },
  ],
  [
    'a deployment begins without room: the minimum gives way',
    situation(4, { min: 2, max: 4 }, { old: healthy(4) }),
    { stopOld: 2 },
  ],
  [
    'a deployment begins with room for one',
    situation(3, { min: 3, max: 4 }, { old: healthy(3) }),
    { start: 1 },
  ],
  [
    'an old one goes for each new healthy one',
    situation(3, { min: 3, max: 4 }, { fresh: healthy(1), old: healthy(3) }),
    { stopOld: 1 },
  ],
  [
    'an old one that is not healthy goes first, for one that needs its room',
    situation(2, { min: 2, max: 2 }, { old: tally({ live: 2, healthy: 1, failing: 1 }) }),
    { stopOld: 1 },
  ],
  [
    'neither a start nor a stop is allowed',
    situation(1, { min: 1, max: 1 }, { old: healthy(1) }),
    { stuck: true },
  ],
  [
    'a replacement starts before the failing one goes',
    situation(2, { min: 2, max: 4 }, { fresh: tally({ live: 2, healthy: 1, failing: 1 }) }),
    { start: 1 },
  ],
  [
    'the replacement is on its way',
    situation(
      2,
      { min: 2, max: 4 },
      {
        fresh: tally({ live: 3, healthy: 1, failing: 1, pending: 1 }),
      },
    ),
    {},
  ],
  [
    'the replacement is healthy',
    situation(2, { min: 2, max: 4 }, { fresh: tally({ live: 3, healthy: 2, failing: 1 }) }),
    { stopReplaced: 1 },
  ],
  [
    'the replacement fails too: either goes',
    situation(1, { min: 1, max: 2 }, { fresh: tally({ live: 2, failing: 2 }) }),
    { stopReplaced: 1 },
  ],
  [
    'there is no room for a replacement: one goes at random',
    situation(2, { min: 2, max: 2 }, { fresh: tally({ live: 2, failing: 2 }) }),
    { stopAtRandom: true },
  ],
  [
    'there is no room for a replacement, and one is on its way out already',
    situation(
      3,
      { min: 3, max: 3 },
      {
        fresh: tally({ live: 3, healthy: 0, failing: 3 }),
        leavingUnhealthy: 1,
      },
    ),
    {},
  ],
  [
    'there is no room for a replacement, and another replacement is not healthy yet',
    situation(3, { min: 3, max: 3 }, { fresh: tally({ live: 3, pending: 1, failing: 2 }) }),
    {},
  ],
  [
    'a deployment that failed starts nothing and keeps what is there',
    situation(2, { min: 2, max: 4 }, { fresh: tally({ live: 1 }), old: healthy(2), stalled: true }),
    {},
  ],
  [
    'a deployment that failed does not keep what fails beside enough healthy ones',
    situation(
      2,
      { min: 2, max: 4 },
      {
        fresh: tally({ live: 2, failing: 2 }),
        old: healthy(2),
        stalled: true,
      },
    ),
    { stopReplaced: 2 },
  ],
  [
    'starts are held back: no old one is stopped for them',
    situation(4, { min: 2, max: 4 }, { old: healthy(4), startLimit: 0 }),
    {},
  ],
  [
    'tasks are moved between zones',
    situation(4, { min: 4, max: 8 }, { fresh: tally({ live: 5, healthy: 4 }), balancing: 1 }),
    {},
  ],
  [
    'nothing is desired any more',
    situation(0, { min: 0, max: 0 }, { fresh: starting(2), old: healthy(3) }),
    { stopSurplus: 2, stopOld: 3 },
  ],
];

describe('the plan when', () => {
  it.each(cases)('%s', (_, now, expected) => {
    expect(planOf(now)).toEqual({ ...NOTHING, ...expected });
  });
});

/** Any tally that can be. */
const anyTally = fc.nat(12).chain((live) =>
  fc.nat(live).chain((pending) =>
    fc.nat(live - pending).chain((healthyOnes) =>
      fc.record({
        live: fc.constant(live),
        pending: fc.constant(pending),
        healthy: fc.constant(healthyOnes),
        failing: fc.nat(live - pending - healthyOnes),
        leaving: fc.nat(3),
      }),
    ),
  ),
);

const anySituation: fc.Arbitrary<Situation> = fc
  .record({
    desired: fc.nat(12),
    low: fc.integer({ min: 0, max: 100 }),
    high: fc.integer({ min: 100, max: 300 }),
    fresh: anyTally,
    old: anyTally,
    stalled: fc.boolean(),
    startLimit: fc.constantFrom(0, 1, Number.POSITIVE_INFINITY),
    leavingUnhealthy: fc.nat(2),
  })
  .map(({ desired, low, high, ...rest }) =>
    situation(
      desired,
      boundsOf(desired, { minimumHealthyPercent: low, maximumPercent: high }),
      rest,
    ),
  );

describe('any plan', () => {
  it('P1: keeps to the maximum', () => {
    fc.assert(
      fc.property(anySituation, (now) => {
        const { start } = planOf(now);
        if (start === 0) return;
        expect(now.fresh.live + now.old.live + start).toBeLessThanOrEqual(now.bounds.max);
      }),
    );
  });

  it('P2: keeps to the minimum', () => {
    fc.assert(
      fc.property(anySituation, (now) => {
        const { stopSurplus, stopOld } = planOf(now);
        const { fresh, old, bounds } = now;
        const surplus = Math.max(0, stopSurplus - (fresh.live - fresh.failing - fresh.healthy));
        const olds = Math.max(0, stopOld - (old.live - old.healthy));
        if (surplus + olds === 0) return;
        expect(fresh.healthy + old.healthy - surplus - olds).toBeGreaterThanOrEqual(bounds.min);
      }),
    );
  });

  it('stops no more than there are', () => {
    fc.assert(
      fc.property(anySituation, (now) => {
        const plan = planOf(now);
        expect(plan.stopOld).toBeLessThanOrEqual(now.old.live);
        expect(plan.stopReplaced).toBeLessThanOrEqual(now.fresh.failing);
        expect(plan.stopSurplus).toBeLessThanOrEqual(now.fresh.live - now.fresh.failing);
        for (const count of [plan.start, plan.stopOld, plan.stopReplaced, plan.stopSurplus]) {
          expect(count).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
