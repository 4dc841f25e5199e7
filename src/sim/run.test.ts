// Every policy beside the optimum, and over mean loads.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demandOf } from '../../test/support/demand.ts';
import { ALL_LAMBDA, fixedTasks, policyOf, profileOf } from '../../test/support/sim.ts';
import { levelCounter } from '../scaling/level-counter.ts';
import { PLACEMENT_POLICIES } from '../scaling/placement-policies.ts';
import { lambdaOnly } from '../scaling/rivals/lambda-only.ts';
import { staticBest } from '../scaling/rivals/static-best.ts';
import { costOverLoad } from './cost-over-load.ts';
import { breakEvenOf, lambdaUsdOf } from './profile.ts';
import { simulate } from './run.ts';
import { demandOfSynthetic } from './synthetic.ts';

const DAY = demandOfSynthetic('diurnal:20', { days: 0.25, seed: 3 });
const PROFILE = profileOf();

describe('a report', () => {
  it('has the ratio of each policy to the lower bound, and the fleets that never change', () => {
    const policies = [lambdaOnly, staticBest, levelCounter];
    const report = simulate({ demand: DAY, profile: PROFILE, policies, seed: 1 });
    const { optimum, bestStatic, lambdaOnlyUsd, requests } = report;
    expect(report).toMatchObject({ steps: 21_600, stepSeconds: 1, seconds: 21_600, seed: 1 });
    expect(report.fidelity).toBe('fluid');
    expect(lambdaOnlyUsd).toBeCloseTo(requests * lambdaUsdOf(PROFILE, 100), 10);
    expect(optimum.upperUsd).toBeGreaterThanOrEqual(optimum.lowerUsd);
    const [lambda, fleet, ours] = report.policies;
    expect(lambda?.usd).toBeCloseTo(lambdaOnlyUsd, 10);
    expect(fleet?.usd).toBeCloseTo(bestStatic.usd, 10);
    expect(ours?.ratio).toBe((ours?.usd ?? 0) / optimum.lowerUsd);
    expect(ours?.ratio).toBeLessThan(1.05);
    expect(ours?.misplaced).toBe(0);
  });

  it('is the same for the same seed, in both fidelities', () => {
    const demand = demandOf(Array.from({ length: 300 }, (_, at) => 20 + (at % 40)));
    for (const fidelity of ['fluid', 'event'] as const) {
      const run = () =>
        simulate({ demand, profile: PROFILE, policies: PLACEMENT_POLICIES, seed: 5, fidelity });
      expect(JSON.stringify(run())).toBe(JSON.stringify(run()));
      expect(run().fidelity).toBe(fidelity);
    }
  });

  it('says that it was stopped, and has what there is', () => {
    const demand = demandOf(Array<number>(200_000).fill(3));
    const policies = [ALL_LAMBDA, policyOf(() => 1, { name: 'second' }), fixedTasks(2)];
    const report = simulate({
      demand,
      profile: PROFILE,
      policies,
      seed: 1,
      progress: (done) => done > 0.5,
    });
    expect(report.stopped).toBe(true);
    expect(report.policies.map(({ name }) => name)).toEqual(['all lambda', 'second']);
    expect(report.policies[1]?.requests).toBeLessThan(600_000);
    expect(report.policies[1]?.ratio).toBeNaN();
  });
});

describe('the lower bound', () => {
  it('is undercut by no policy that serves everything in time, whatever comes', () => {
    const overflowing = [...PLACEMENT_POLICIES, levelCounter].filter(({ overflow }) => overflow);
    const counts = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.double({ min: 0, max: 120, noNaN: true }) },
        { weight: 2, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.constant(Number.NaN) },
      ),
      { minLength: 1, maxLength: 120 },
    );
    const random = fc
      .array(fc.nat(9), { minLength: 1, maxLength: 30 })
      .map((plan) => policyOf((now) => plan[Math.floor(now / 15) % plan.length] ?? 0));
    const fargate = fc.record({
      taskUsdPerSecond: fc.constantFrom(0.000001, 0.0000034, 0.00002),
      startSeconds: fc.constantFrom(0, 35, 120),
      billedStartSeconds: fc.constant(0),
      drainSeconds: fc.constantFrom(0, 20),
      minimumSeconds: fc.constantFrom(0, 60),
      minTasks: fc.constantFrom(0, 0, 2),
    });
    fc.assert(
      fc.property(counts, random, fargate, fc.constantFrom(1, 20), (all, policy, of, step) => {
        const billedStartSeconds = Math.min(25, of.startSeconds);
        const profile = profileOf({ fargate: { ...of, billedStartSeconds } });
        const demand = demandOf(
          all.map((count) => count * step),
          step,
        );
        const least = policyOf((now) =>
          Math.max(of.minTasks, policy.decide(null, seen, terms, now)),
        );
        const report = simulate({ demand, profile, policies: [...overflowing, least], seed: 2 });
        for (const { usd } of report.policies) {
          expect(usd).toBeGreaterThanOrEqual(report.optimum.lowerUsd * (1 - 1e-9));
        }
      }),
      { numRuns: 60 },
    );
  });
});

const seen = { span: 1, requests: 0, concurrency: 0, ready: 0, starting: 0, utilization: 0 };
const terms = { minTasks: 0 } as never;

describe('cost over load', () => {
  const policies = [lambdaOnly, levelCounter];

  it('rises with the load, and leaves Lambda where a task costs less', () => {
    const { curves, notes, stopped } = costOverLoad({
      demand: DAY,
      profile: PROFILE,
      policies,
      seed: 1,
    });
    expect(curves.map(({ name }) => name)).toEqual(['optimum', 'lambda-only', 'level-counter']);
    for (const { points } of curves) {
      expect(points.map(({ requestsPerSecond }) => requestsPerSecond)).toEqual([
        ...[0.1, 0.215, 0.464, 1, 2.15, 4.64, 10, 21.5, 46.4, 100, 215, 464, 1000, 2150, 4640],
        10_000,
      ]);
      const costs = points.map(({ usdPerHour }) => usdPerHour);
      expect(costs).toEqual([...costs].sort((a, b) => a - b));
    }
    const { taskUsdPerSecond, taskRate } = PROFILE.fargate;
    const breakEven = breakEvenOf(PROFILE);
    expect(breakEven.requestsPerSecond).toBeCloseTo(
      taskUsdPerSecond / lambdaUsdOf(PROFILE, 100),
      9,
    );
    expect(breakEven.reachable).toBe(breakEven.requestsPerSecond < taskRate);
    const from = curves[2]?.cheaperFrom ?? 0;
    expect(from).toBeGreaterThan(0.5 * breakEven.requestsPerSecond);
    expect(from).toBeLessThan(3 * breakEven.requestsPerSecond);
    expect(curves[1]?.cheaperFrom).toBeUndefined();
    expect(notes).toEqual([expect.stringContaining('bundles')]);
    expect(stopped).toBe(false);
  });

  it('takes a window of a long trace, and says so', () => {
    const flat = Array.from({ length: 5000 }, (_, at) => (at < 4000 ? 100 + (at % 3) : 5000));
    const { notes, curves } = costOverLoad({
      demand: demandOf(flat, 60),
      profile: PROFILE,
      policies,
      seed: 1,
      loads: [1, 2],
      windowSeconds: 3600,
    });
    expect(notes).toEqual([
      'Costs by load are of 1 h of the trace, from 66 h after its beginning, whose mean is nearest to that of all.',
    ]);
    expect(curves[0]?.points).toHaveLength(2);
  });

  it('ends when it is asked to', () => {
    const found = costOverLoad({
      demand: DAY,
      profile: PROFILE,
      policies,
      seed: 1,
      progress: (done) => done > 0.3,
    });
    expect(found.stopped).toBe(true);
    expect(found.curves[0]?.points.length).toBeLessThan(8);
  });
});
