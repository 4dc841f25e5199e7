import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankRoutes } from './route-rank.ts';

const thumbnails = { rate: 160, taskSeconds: 0.1, lambdaUsd: 0.0000021 };
const pages = { rate: 120, taskSeconds: 0.1, lambdaUsd: 0.0000009 };
const unknown = { rate: 10, taskSeconds: undefined, lambdaUsd: undefined };

describe('the ranks of routes', () => {
  it('give scarce slots to the route that saves most: the example of the header', () => {
    const { scarce, ranks } = rankRoutes([pages, thumbnails, unknown], 20, false);
    expect(scarce).toBe(true);
    expect(ranks.map(({ place, reserve }) => [place, reserve])).toEqual([
      [2, 4],
      [1, 0],
      [1, 0],
    ]);
    expect(ranks[1]?.usdPerSlotSecond).toBeCloseTo(0.000021, 9);
  });

  it('treat routes alike that save about the same', () => {
    const { ranks } = rankRoutes(
      [thumbnails, { ...thumbnails, lambdaUsd: 0.00000195 }, pages],
      20,
      false,
    );
    expect(ranks.map(({ place }) => place)).toEqual([1, 1, 2]);
  });

  it('hold back nobody while there is enough for all, and do not flap there', () => {
    expect(rankRoutes([pages, thumbnails], 40, false).scarce).toBe(false);
    // 28 in flight are 80 % of 35 slots.
    expect(rankRoutes([pages, thumbnails], 35, false).scarce).toBe(false);
    expect(rankRoutes([pages, thumbnails], 35, true).scarce).toBe(true);
    expect(rankRoutes([pages, thumbnails], 0, true).scarce).toBe(false);
  });

  it('hold R1 to R4 for any routes', () => {
    const maybe = (most: number) =>
      fc.option(fc.double({ min: 1e-9, max: most, noNaN: true }), { nil: undefined });
    const route = fc.record({
      rate: fc.double({ min: 0, max: 1e4, noNaN: true }),
      taskSeconds: maybe(10),
      lambdaUsd: maybe(0.001),
    });
    const routes = fc.array(route, { maxLength: 8 });
    fc.assert(
      fc.property(routes, fc.nat(5000), fc.boolean(), (all, slots, was) => {
        const { scarce, ranks } = rankRoutes(all, slots, was);
        for (const one of ranks) {
          const { reserve, usdPerSlotSecond: value } = one;
          expect(reserve).toBeGreaterThanOrEqual(0);
          if (slots > 0) expect(reserve).toBeLessThan(slots);
          if (!scarce || one.place === 1) expect(reserve).toBe(0);
          if (value === undefined) expect(one.place).toBe(1);
          for (const other of ranks) {
            if (value === undefined || other.usdPerSlotSecond === undefined) continue;
            if (value < other.usdPerSlotSecond) {
              expect(reserve).toBeGreaterThanOrEqual(other.reserve);
              expect(one.place).toBeGreaterThanOrEqual(other.place);
            }
          }
        }
        if (all.length > 0) expect(Math.min(...ranks.map(({ reserve }) => reserve))).toBe(0);
      }),
    );
  });
});
