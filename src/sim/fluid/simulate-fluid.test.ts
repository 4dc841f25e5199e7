// The fluid simulator against closed forms, and what must hold whatever the demand and the policy.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demandOf } from '../../../test/support/demand.ts';
import { ALL_LAMBDA, fixedTasks, policyOf, profileOf } from '../../../test/support/sim.ts';
import { lambdaUsdOf } from '../profile.ts';
import { simulateFluid } from './simulate-fluid.ts';

const PROFILE = profileOf();
const { taskUsdPerSecond } = PROFILE.fargate;
const REQUEST_USD = lambdaUsdOf(PROFILE, 100);

describe('the closed forms', () => {
  it('of Lambda alone: each request at its price, to the last digit', () => {
    const counts = Array.from({ length: 5000 }, (_, index) => (index * 7919) % 41);
    const requests = counts.reduce((sum, count) => sum + count, 0);
    for (const stepSeconds of [1, 60]) {
      const demand = demandOf(counts, stepSeconds);
      const result = simulateFluid({ demand, profile: PROFILE, policy: ALL_LAMBDA, seed: 1 });
      expect(result.requests).toBeCloseTo(requests, 6);
      expect(result.usd / (requests * REQUEST_USD)).toBeCloseTo(1, 13);
      expect(result).toMatchObject({ taskStarts: 0, refused: 0, overTarget: 0, p999Ms: 100 });
      expect(result.fargate).toMatchObject({ usd: 0, requests: 0, p50Ms: Number.NaN });
    }
  });

  it('of a fleet that never changes: its tasks with their start, and the rest on Lambda', () => {
    const counts = Array.from({ length: 4000 }, (_, index) => (index * 7919) % 41);
    const beyond = counts.reduce((sum, count) => sum + Math.max(0, count - 30), 0);
    const result = simulateFluid({
      demand: demandOf(counts),
      profile: PROFILE,
      policy: fixedTasks(2),
      seed: 1,
    });
    expect(result.fargate.usd).toBe(2 * (4000 + 25) * taskUsdPerSecond);
    expect(result.lambda.usd).toBe(beyond * REQUEST_USD);
    const used = counts.reduce((sum, count) => sum + Math.min(30, count), 0);
    expect(result.utilization).toBeCloseTo(used / (2 * 4025 * 15), 12);
  });

  it('of INIT: a cold start is billed, and its request is late', () => {
    const profile = profileOf({ lambda: { init: { medianMs: 800, sigma: 0 } }, targetMs: 500 });
    const demand = demandOf(
      Array.from({ length: 3600 }, (_, index) => (index % 900 === 0 ? 50 : 0)),
    );
    const { coldStarts, lambda, overTarget, misplaced } = simulateFluid({
      demand,
      profile,
      policy: ALL_LAMBDA,
      seed: 1,
    });
    // Idle for 15 minutes is the end of every environment.
    expect(coldStarts).toBeGreaterThanOrEqual(4 * 5);
    const init = coldStarts * 0.5 * 0.8 * profile.lambda.usdPerGbSecond;
    expect(lambda.usd).toBeCloseTo(200 * REQUEST_USD + init, 12);
    expect(overTarget).toBeCloseTo(coldStarts, 9);
    expect(misplaced).toBe(0);
  });
});

describe('a task', () => {
  const started = (seconds: number, fargate = {}) => {
    const profile = profileOf({ fargate });
    const policy = policyOf((now) => (now >= 10 && now < 10 + seconds ? 1 : 0));
    const demand = demandOf(Array.from({ length: 600 }, () => 15));
    return simulateFluid({ demand, profile, policy, seed: 1 });
  };

  it('takes requests when its start is over, and is billed from before', () => {
    // Decided at 10, billed from 20, ready at 45, stopped at 210.
    const { fargate, taskStarts } = started(200);
    expect(fargate.requests).toBe(15 * (210 - 45));
    expect(fargate.usd).toBe((210 - 20) * taskUsdPerSecond);
    expect(taskStarts).toBe(1);
  });

  it('costs nothing when it is cancelled before it is billed', () => {
    expect(started(9).fargate).toMatchObject({ usd: 0, requests: 0 });
  });

  it('is kept until its minimum is over', () => {
    const { fargate } = started(12);
    expect(fargate.usd).toBe(60 * taskUsdPerSecond);
    expect(fargate.requests).toBe(15 * (80 - 45));
  });

  it('is billed while it drains', () => {
    const { fargate } = started(200, { drainSeconds: 30 });
    expect(fargate.usd).toBe((210 - 20 + 30) * taskUsdPerSecond);
    expect(fargate.requests).toBe(15 * (210 - 45));
  });

  it('takes a time of its own to start where that is spread, by the seed', () => {
    const at = (seed: number) =>
      simulateFluid({
        demand: demandOf(Array.from({ length: 600 }, () => 1500)),
        seed,
        profile: profileOf({ fargate: { startSigma: 0.3 } }),
        policy: policyOf((now) => (now >= 10 ? 100 : 0)),
      });
    expect(at(1)).toEqual(at(1));
    expect(at(1).fargate.requests).not.toBe(at(2).fargate.requests);
    const exact = 15 * 100 * (600 - 45);
    expect(Math.abs(at(1).fargate.requests / exact - 1)).toBeLessThan(0.02);
  });
});

describe('without Lambda', () => {
  it('requests wait for a task, first come first served, and are refused after a minute', () => {
    // 10 s at twice what a task carries leaves 150 that wait, 10 s at a third of it serves 100 of them.
    const counts = [...Array<number>(10).fill(30), ...Array<number>(100).fill(5)];
    const result = simulateFluid({
      demand: demandOf(counts),
      profile: PROFILE,
      policy: fixedTasks(1, false),
      seed: 1,
    });
    expect(result.lambda.requests).toBe(0);
    expect(result.requests).toBe(800);
    expect(result.fargate.requests).toBeCloseTo(800, 9);
    expect(result.refused).toBe(0);
    // All that waited a second or longer: those of the first second that came too many, and so on.
    expect(result.overTarget).toBeGreaterThan(150);
    expect(result.misplaced).toBeCloseTo(result.overTarget, 9);
    const none = simulateFluid({
      demand: demandOf([...Array<number>(10).fill(30), ...Array<number>(60).fill(0)]),
      profile: PROFILE,
      policy: fixedTasks(0, false),
      seed: 1,
    });
    expect(none).toMatchObject({ refused: 300, misplaced: 300, usd: 0 });
  });
});

describe('Lambda', () => {
  it('refuses what is beyond the environments of the account', () => {
    const profile = profileOf({ lambda: { accountConcurrency: 10 } });
    const demand = demandOf(Array<number>(100).fill(200));
    const result = simulateFluid({ demand, profile, policy: ALL_LAMBDA, seed: 1 });
    expect(result.refused).toBeCloseTo(100 * 100, 6);
    expect(result.lambda.requests).toBeCloseTo(100 * 100, 6);
  });

  it('refuses what is beyond the environments that may start in 10 s', () => {
    const profile = profileOf({ lambda: { scalingPer10s: 100 } });
    const demand = demandOf(Array<number>(100).fill(5000));
    const result = simulateFluid({ demand, profile, policy: ALL_LAMBDA, seed: 1 });
    // 500 are busy at a time: 100 at once and 10 more each second.
    const refused = Array.from({ length: 40 }, (_, index) => 4000 - 100 * index);
    const expected = refused.reduce((sum, one) => sum + one, 0);
    expect(Math.abs(result.refused / expected - 1)).toBeLessThan(0.1);
  });

  it('starts cold what was idle too long, and nothing else', () => {
    const busy = (gap: number) =>
      simulateFluid({
        demand: demandOf(Array.from({ length: 40_000 }, (_, second) => (second % gap ? 0 : 80))),
        profile: PROFILE,
        policy: ALL_LAMBDA,
        seed: 1,
      });
    const often = busy(60);
    const seldom = busy(1000);
    expect(often.coldStarts / often.requests).toBeLessThan(0.01);
    expect(seldom.coldStarts / seldom.requests).toBeGreaterThan(0.1);
  });
});

describe('whatever comes', () => {
  const counts = fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.double({ min: 0, max: 200, noNaN: true }) },
      { weight: 1, arbitrary: fc.constant(Number.NaN) },
    ),
    { minLength: 1, maxLength: 400 },
  );
  const policy = fc
    .array(fc.nat(12), { minLength: 1, maxLength: 20 })
    .map((plan) => policyOf((now) => plan[Math.floor(now / 20) % plan.length] ?? 0));
  const profile = fc
    .record({
      startSigma: fc.constantFrom(0, 0.4),
      drainSeconds: fc.constantFrom(0, 10),
      startSeconds: fc.constantFrom(0, 20, 35, 120),
    })
    .map((fargate) => profileOf({ fargate }));

  it('chunks make no difference, and equal seeds give equal results', () => {
    fc.assert(
      fc.property(counts, policy, profile, fc.nat(50), (all, decider, of, chunk) => {
        const run = (demand: ReturnType<typeof demandOf>) =>
          simulateFluid({ demand, profile: of, policy: decider, seed: 7, points: 10 });
        const whole = JSON.stringify(run(demandOf(all, 5)));
        expect(JSON.stringify(run(demandOf(all, 5, chunk + 1)))).toBe(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('a gap is no time', () => {
    fc.assert(
      fc.property(counts, policy, profile, (all, decider, of) => {
        const run = (some: readonly number[]) => {
          const demand = demandOf(some, 3);
          return { ...simulateFluid({ demand, profile: of, policy: decider, seed: 7, points: 1 }) };
        };
        const known = all.filter((count) => !Number.isNaN(count));
        expect({ ...run(all), series: [] }).toEqual({ ...run(known), series: [] });
      }),
      { numRuns: 60 },
    );
  });

  it('every request is served or refused, once', () => {
    fc.assert(
      fc.property(counts, policy, profile, fc.boolean(), (all, decider, of, overflow) => {
        const result = simulateFluid({
          demand: demandOf(all, 2),
          profile: of,
          seed: 3,
          policy: { ...decider, overflow },
        });
        const { lambda, fargate, refused, requests, series } = result;
        expect(lambda.requests + fargate.requests + refused).toBeCloseTo(requests, 6);
        expect(result.usd).toBe(lambda.usd + fargate.usd);
        expect(result.overTarget).toBeGreaterThanOrEqual(result.misplaced - 1e-9);
        for (const { capacityRate, fargateRate } of series) {
          expect(fargateRate).toBeLessThanOrEqual(capacityRate + 1e-9);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('the series', () => {
  it('has means of equal parts of the time, and none of a gap', () => {
    const counts = [...Array<number>(10).fill(4), ...Array<number>(10).fill(Number.NaN), 8, 8];
    const { series } = simulateFluid({
      demand: demandOf([...counts, ...Array<number>(8).fill(8)], 60),
      profile: PROFILE,
      policy: fixedTasks(1),
      seed: 1,
      points: 3,
    });
    expect(series.map(({ at }) => at)).toEqual([300, 1500]);
    expect(series[0]?.demandRate).toBeCloseTo(4 / 60, 12);
    expect(series[1]).toMatchObject({ capacityRate: 15, lambdaRate: 0 });
    expect(series[1]?.fargateUsdPerHour).toBeCloseTo(3600 * taskUsdPerSecond, 12);
  });

  it('ends with what there is when it is asked to', () => {
    const demand = demandOf(Array<number>(300_000).fill(1));
    const told: number[] = [];
    const progress = (done: number): boolean => told.push(done) === 2;
    const result = simulateFluid({
      demand,
      profile: PROFILE,
      policy: ALL_LAMBDA,
      seed: 1,
      progress,
    });
    expect(told).toEqual([65_536 / 300_000, 131_072 / 300_000]);
    expect(result.requests).toBe(131_072);
  });
});
