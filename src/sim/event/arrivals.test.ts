import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demandOf } from '../../../test/support/demand.ts';
import { seededRng } from '../../base/rng.ts';
import type { Demand } from '../demand.ts';
import { type Arrivals, arrivalsOf, exactArrivals, type Spacing } from './arrivals.ts';

function all(arrivals: Arrivals): number[] {
  const times: number[] = [];
  for (let at = arrivals.next(); at !== Number.POSITIVE_INFINITY; at = arrivals.next()) {
    times.push(at);
  }
  return times;
}

const of = (demand: Demand, spacing?: Spacing, seed = 1) =>
  arrivalsOf(demand, seededRng(seed, 'arrivals'), spacing);

const counts = fc.array(fc.oneof(fc.nat(20), fc.double({ min: 0, max: 5, noNaN: true })), {
  maxLength: 60,
});

describe('arrivals', () => {
  it('come in order, and within the trace', () => {
    const spacing = fc.constantFrom<Spacing>('random', 'poisson', 'even');
    fc.assert(
      fc.property(counts, spacing, fc.constantFrom(1, 60), (steps, how, stepSeconds) => {
        const arrivals = of(demandOf(steps, stepSeconds, 7), how);
        const times = all(arrivals);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(arrivals.end).toBeCloseTo(steps.length * stepSeconds, 6);
        expect(times.every((at) => at >= 0 && at <= arrivals.end)).toBe(true);
        expect(arrivals.part()).toBe(1);
      }),
    );
  });

  it('are as many in each step as it says, wherever in it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 50 }), (steps) => {
        const seen = new Array<number>(steps.length).fill(0);
        for (const at of all(of(demandOf(steps))))
          seen[Math.floor(at)] = (seen[Math.floor(at)] ?? 0) + 1;
        expect(seen).toEqual(steps);
      }),
    );
  });

  it('carry what is over one request on', () => {
    expect(all(of(demandOf(new Array(100).fill(0.1))))).toHaveLength(10);
    expect(all(of(demandOf(new Array(100).fill(0.1)), 'even'))).toHaveLength(10);
  });

  it('stand at equal distances when they are even', () => {
    expect(all(of(demandOf([2, 4]), 'even'))).toEqual([0.25, 0.75, 1.125, 1.375, 1.625, 1.875]);
  });

  it('leave out gaps, which are no time', () => {
    const gaps = of(demandOf([2, Number.NaN, Number.NaN, 2, Number.NaN]), 'even');
    expect(all(gaps)).toEqual([0.25, 0.75, 1.25, 1.75]);
    expect(gaps.end).toBe(2);
  });

  it('are the same from the same stream, and others from another', () => {
    const demand = demandOf(new Array(50).fill(3));
    expect(all(of(demand))).toEqual(all(of(demand)));
    expect(all(of(demand))).not.toEqual(all(of(demand, 'random', 2)));
  });

  it('are a Poisson process: mean and variance of the count of a second agree', () => {
    const seconds = 20_000;
    const seen = new Float64Array(seconds);
    for (const at of all(of(demandOf([7 * seconds], seconds), 'poisson'))) {
      seen[Math.floor(at)] = (seen[Math.floor(at)] ?? 0) + 1;
    }
    const mean = seen.reduce((sum, count) => sum + count, 0) / seconds;
    const variance = seen.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (seconds - 1);
    // Errors of n counts: √(λ/n) of the mean, √((λ + 2λ²)/n) of the variance. Four of each.
    expect(Math.abs(mean - 7)).toBeLessThan(4 * Math.sqrt(7 / seconds));
    expect(Math.abs(variance - 7)).toBeLessThan(4 * Math.sqrt((7 + 2 * 49) / seconds));
  });

  it('may each have their time and duration', () => {
    const exact = exactArrivals('file', [{ at: 1, durationMs: 20 }, { at: 1 }, { at: 5.5 }], 10);
    expect([exact.next(), exact.durationMs]).toEqual([1, 20]);
    expect([exact.next(), exact.durationMs]).toEqual([1, Number.NaN]);
    expect([exact.next(), exact.part()]).toEqual([5.5, 1]);
    expect([exact.next(), exact.end]).toEqual([Number.POSITIVE_INFINITY, 10]);
  });
});
