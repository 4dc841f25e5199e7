// The two fidelities of the simulator, with the same policies over the same demand.

import { describe, expect, it } from 'vitest';
import { seededRng } from '../src/base/rng.ts';
import { levelCounter } from '../src/scaling/level-counter.ts';
import type { PlacementPolicy } from '../src/scaling/placement.ts';
import { PLACEMENT_POLICIES } from '../src/scaling/placement-policies.ts';
import { lambdaOnly as lambdaOnlyPolicy } from '../src/scaling/rivals/lambda-only.ts';
import { arrivalsOf } from '../src/sim/event/arrivals.ts';
import { simulateEvents } from '../src/sim/event/simulate-events.ts';
import { simulateFluid } from '../src/sim/fluid/simulate-fluid.ts';
import { optimumOf } from '../src/sim/optimum/optimum.ts';
import { termsOf } from '../src/sim/profile.ts';
import { demandOfSynthetic } from '../src/sim/synthetic.ts';
import { demandOf } from './support/demand.ts';
import { eventProfile } from './support/sim.ts';

const SECONDS = 2400;
const MEAN_RATE = 300;

/** Up and down twice, with the chance of a Poisson process in each second. */
const counts = (() => {
  const chance = seededRng(5, 'counts');
  return Array.from({ length: SECONDS }, (_, second) => {
    const rate = MEAN_RATE * (1 + 0.8 * Math.sin((second / SECONDS) * 4 * Math.PI));
    const limit = Math.exp(-rate / 10);
    let count = 0;
    // Ten draws, as the limit of one would be 0.
    for (let part = 0; part < 10; part += 1) {
      for (let product = chance.next(); product > limit; product *= chance.next()) count += 1;
    }
    return count;
  });
})();

const spread = { medianMs: 96, sigma: 0.3 };
const profile = eventProfile(
  {
    duration: spread,
    init: { medianMs: 145, sigma: 0.13 },
    coldExtra: { medianMs: 150, sigma: 0.45 },
  },
  { duration: spread, concurrency: 10, taskRate: 15, startSeconds: 35, billedStartSeconds: 25 },
);
const foresight = { peakRate: Math.max(...counts), bestStatic: 20 };

const lambdaOnly = lambdaOnlyPolicy as PlacementPolicy;

const POLICIES: readonly PlacementPolicy[] = [
  levelCounter as PlacementPolicy,
  ...PLACEMENT_POLICIES,
].filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index);

// What is left between them: a task that drains ends when it is empty, while the fluid bills the whole
// drain; and Lambda's durations, which are rounded up to whole milliseconds.
describe('events and fluid', () => {
  it.each(POLICIES.map((policy) => [policy.name, policy] as const))(
    'agree in money within a few per cent at a high load: %s',
    (_name, policy) => {
      const demand = demandOf(counts);
      const fluid = simulateFluid({ demand, profile, policy, seed: 1, foresight });
      const arrivals = arrivalsOf(demand, seededRng(1, 'arrivals'));
      const events = simulateEvents({ arrivals, profile, policy, seed: 1, foresight });
      expect(events.requests).toBe(fluid.requests);
      expect(Math.abs(events.usd / fluid.usd - 1)).toBeLessThan(0.03);
    },
  );
});

describe('events', () => {
  // Tasks that saved up what they did not carry in quiet seconds came 4 % and more under it.
  it.each([['static-best'], ['level-counter'], ['newsvendor']])(
    'cost no less than the optimum: %s',
    (name) => {
      const demand = demandOfSynthetic('poisson:100', { days: 0.05, seed: 3 });
      const terms = termsOf(profile);
      const { lowerUsd, peakRate, bestStatic } = optimumOf(demand, terms);
      const policy = POLICIES.find((one) => one.name === name) as PlacementPolicy;
      const result = simulateEvents({
        arrivals: arrivalsOf(demand, seededRng(1, 'arrivals')),
        profile,
        policy,
        seed: 1,
        foresight: { peakRate, bestStatic: bestStatic.tasks },
      });
      expect(result.usd / lowerUsd).toBeGreaterThanOrEqual(1);
    },
  );
});

// Events are the truth here. 56 and more cold starts: their chance alone is 13 %.
describe('cold starts', () => {
  it.each([
    ['poisson:0.1', 1000, 2],
    ['poisson:10', 100, 1],
    ['poisson:10', 1000, 0.5],
    ['bursts:10', 1000, 0.2],
    ['bursts:100', 100, 0.1],
    ['mmpp:1', 1000, 1],
  ])(
    'of %s, %d ms a request, are as many in the fluid as they are, within a third',
    (spec, medianMs, days) => {
      const demand = demandOfSynthetic(spec, { days, seed: 3 });
      const service = { medianMs, sigma: 0.3 };
      const slow = { ...profile, lambda: { ...profile.lambda, duration: service } };
      const common = { profile: { ...slow, targetMs: 5000 }, policy: lambdaOnly, seed: 1 };
      const fluid = simulateFluid({ demand, ...common });
      const arrivals = arrivalsOf(demand, seededRng(1, 'arrivals'));
      const events = simulateEvents({ arrivals, ...common });
      expect(fluid.coldStarts / events.coldStarts).toBeGreaterThan(2 / 3);
      expect(fluid.coldStarts / events.coldStarts).toBeLessThan(4 / 3);
    },
  );

  it('of one request an hour are one each', () => {
    const counts = Array.from({ length: 24 * 60 }, (_, minute) => (minute % 60 === 7 ? 1 : 0));
    const demand = demandOf(counts, 60);
    const common = { profile, policy: lambdaOnly, seed: 1 };
    const arrivals = arrivalsOf(demand, seededRng(1, 'arrivals'));
    expect(simulateEvents({ arrivals, ...common }).coldStarts).toBe(24);
    expect(simulateFluid({ demand, ...common }).coldStarts).toBeGreaterThan(15);
    expect(simulateFluid({ demand, ...common }).coldStarts).toBeLessThan(34);
  });
});
