// Latencies of mixtures against what can be worked out.

import { describe, expect, it } from 'vitest';
import { demandOf } from '../../../test/support/demand.ts';
import { fixedTasks, profileOf } from '../../../test/support/sim.ts';
import { latenciesOf, quantileMs, spreadPart, sumOf, waitPart } from './distribution.ts';
import { normalBelow, normalOf, poissonOf } from './normal.ts';
import { simulateFluid } from './simulate-fluid.ts';

describe('latencies', () => {
  it('are those of a lognormal', () => {
    const spread = { medianMs: 100, sigma: 0.5 };
    const { p50Ms, p99Ms } = latenciesOf([spreadPart(10, spread)]);
    expect(p50Ms).toBeCloseTo(100, 3);
    // 100 · e^(0.5 · 2.32635)
    expect(p99Ms).toBeCloseTo(320.01, 1);
    expect(quantileMs(spread, 0.99)).toBeCloseTo(320.01, 2);
  });

  it('are those of a mixture: one in a hundred is slow', () => {
    const always = (medianMs: number) => ({ medianMs, sigma: 0 });
    const parts = [spreadPart(98, always(10)), spreadPart(2, always(900))];
    expect(latenciesOf(parts)).toEqual({ p50Ms: 10, p95Ms: 10, p99Ms: 900, p999Ms: 900 });
    expect(latenciesOf([])).toEqual({
      p50Ms: Number.NaN,
      p95Ms: Number.NaN,
      p99Ms: Number.NaN,
      p999Ms: Number.NaN,
    });
  });

  it('are those of a wait: half wait, exponentially', () => {
    const part = waitPart(
      1,
      { medianMs: 50, sigma: 0 },
      { part: 0.5, meanMs: 20, mostMs: Infinity },
    );
    // 1 − 0.5 · e^(−w/20) = 0.99 at w = 78.24
    expect(latenciesOf([part]).p99Ms).toBeCloseTo(50 + 78.24, 2);
    const cut = waitPart(1, { medianMs: 50, sigma: 0 }, { part: 0.5, meanMs: 20, mostMs: 30 });
    expect(cut.below(80.001)).toBe(1);
  });

  it('of a sum have its mean', () => {
    const sum = sumOf([
      { medianMs: 100, sigma: 0.3 },
      { medianMs: 50, sigma: 0.6 },
    ]);
    const mean = 100 * Math.exp(0.045) + 50 * Math.exp(0.18);
    expect(sum.medianMs * Math.exp(sum.sigma ** 2 / 2)).toBeCloseTo(mean, 9);
  });

  it('grow with the use of the tasks, as a queue of one does exactly', () => {
    const p99 = (rate: number) =>
      simulateFluid({
        demand: demandOf(Array<number>(2000).fill(rate)),
        profile: profileOf({
          fargate: { concurrency: 1, taskRate: 10, duration: { medianMs: 100, sigma: 0 } },
        }),
        policy: fixedTasks(1, false),
        seed: 1,
      }).fargate.p99Ms;
    // M/D/1 at a use of 0.81: half of M/M/1's wait for those that wait; ρ·e^(−w/mean) = 0.01.
    const mean = 100 / 2 / (1 - 0.81);
    expect(p99(8.1)).toBeCloseTo(100 + mean * Math.log(0.81 / 0.01), 0);
    expect(p99(5)).toBeLessThan(p99(8.1));
  });
});

describe('the normal and the Poisson distribution', () => {
  it('have the values of tables', () => {
    expect(normalOf(0.975)).toBeCloseTo(1.959964, 6);
    expect(normalOf(0.001)).toBeCloseTo(-3.090232, 6);
    expect(normalBelow(1.959964)).toBeCloseTo(0.975, 6);
    expect(normalBelow(-3.090232)).toBeCloseTo(0.001, 6);
    // P(N ≤ 2) of mean 1 is 0.9197.
    expect([poissonOf(1, 0.919), poissonOf(1, 0.9198)]).toEqual([2, 3]);
    expect(poissonOf(100, 0.5)).toBe(100);
    expect(poissonOf(0.01, 0.5)).toBe(0);
  });
});
