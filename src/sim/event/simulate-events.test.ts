import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantDemand, demandOf } from '../../../test/support/demand.ts';
import { always, eventProfile, fixedTasks, policyOf } from '../../../test/support/sim.ts';
import { seededRng } from '../../base/rng.ts';
import { levelCounter } from '../../scaling/level-counter.ts';
import type { PlacementPolicy } from '../../scaling/placement.ts';
import type { SimProfile } from '../profile.ts';
import { arrivalsOf, exactArrivals } from './arrivals.ts';
import type { EventDecision, EventSettings } from './event-result.ts';
import type { TaskFault } from './faults.ts';
import { simulateEvents } from './simulate-events.ts';

type Rest = Partial<Omit<EventSettings, 'arrivals' | 'profile' | 'policy'>>;

/** Requests at these seconds. */
function simulate(
  times: readonly number[],
  profile: SimProfile,
  policy: PlacementPolicy,
  { end, ...rest }: Rest & { readonly end?: number } = {},
) {
  const requests = times.map((at) => ({ at }));
  return simulateEvents({
    arrivals: exactArrivals('a test', requests, end),
    profile,
    policy,
    seed: 1,
    ...rest,
  });
}

/** The same number every second. */
function steady(
  rate: number,
  seconds: number,
  profile: SimProfile,
  policy: PlacementPolicy,
  rest: Rest = {},
) {
  const { seed = 1 } = rest;
  const arrivals = arrivalsOf(constantDemand(rate, seconds), seededRng(seed, 'arrivals'));
  return simulateEvents({ arrivals, profile, policy, seed, ...rest });
}

describe('Lambda', () => {
  it('starts cold when no environment is idle, and bills INIT and not the rest of the start', () => {
    const result = simulate(
      [0, 1, 1.05, 2],
      eventProfile({ duration: always(99.2) }),
      fixedTasks(0),
    );
    // The first, and the third, which finds the environment busy.
    expect(result.coldStarts).toBe(2);
    expect(result.environments.billedMs).toBe(2 * Math.ceil(99.2) + 2 * Math.ceil(99.2 + 145));
    // The sketch is right within 1 %.
    expect(result.lambda.p999Ms / (99.2 + 145 + 150)).toBeCloseTo(1, 1.7);
    expect(result.lambda.usd).toBeCloseTo(0.69 * 0.5 * 1.66667e-5 + 4 * 2e-7, 15);
    expect(result.environments.mostBusy).toBe(2);
  });

  it('uses the environment that was used last, and ends those that were idle for too long', () => {
    const profile = eventProfile({ idleSeconds: [60, 60] });
    // Two at once; then one each 50 s keeps one of them, and the other ends.
    const times = [0, 0, 50, 100, 150, 150];
    expect(simulate(times, profile, fixedTasks(0)).coldStarts).toBe(3);
    expect(simulate([0, 60], profile, fixedTasks(0)).coldStarts).toBe(1);
    expect(simulate([0, 60.5], profile, fixedTasks(0)).coldStarts).toBe(2);
  });

  it('counts how long environments are there, busy or idle', () => {
    const profile = eventProfile({ idleSeconds: [60, 60], init: always(0), coldExtra: always(0) });
    const result = simulate([0, 200], profile, fixedTasks(0), { end: 220 });
    expect(result.environments.mean * 220).toBeCloseTo(60.1 + 20, 6);
    expect(result.environments.meanBusy * 220).toBeCloseTo(0.2, 6);
  });

  it('refuses what is over the concurrency of the account', () => {
    const result = simulate(
      [0, 0.01, 0.02, 1],
      eventProfile({ accountConcurrency: 2 }),
      fixedTasks(0),
    );
    expect(result).toMatchObject({ refused: 1, throttled: 1, overTarget: 1 });
    expect(result.lambda.requests).toBe(3);
  });

  it('makes at most so many environments in ten seconds, and earns more steadily', () => {
    const burst = new Array<number>(15).fill(0).map((_, index) => index / 1000);
    const profile = eventProfile({ scalingPer10s: 10, duration: always(60_000) });
    expect(simulate(burst, profile, fixedTasks(0)).throttled).toBe(5);
    // One more is earned each second.
    expect(simulate([...burst, 2.5, 2.6, 2.7], profile, fixedTasks(0)).throttled).toBe(6);
  });
});

describe('tasks', () => {
  it('wait for their place, pull and start, and are billed from the pull', () => {
    const profile = eventProfile({}, { startSeconds: 30, billedStartSeconds: 20 });
    const policy = policyOf((now) => (now >= 10 ? 1 : 0));
    const result = simulate([39.9, 40.1], profile, policy, { end: 100 });
    expect(result).toMatchObject({
      taskStarts: 1,
      lambda: { requests: 1 },
      fargate: { requests: 1 },
    });
    // Asked for at 10, billed from 20, and for the drain of 10 with which it would end.
    expect(result.tasks.billedSeconds).toBeCloseTo(90, 9);
    expect(result.tasks.meanReady).toBeCloseTo(0.6, 9);
  });

  it('start as recorded, and as the profile has it when there is no more', () => {
    const profile = eventProfile({}, { startSeconds: 30, billedStartSeconds: 20 });
    const starts = [{ startSeconds: 12, billedSeconds: 5 }];
    const policy = policyOf((now) => (now >= 50 ? 2 : now >= 10 ? 1 : 0));
    const result = simulate([21.9, 22.1], profile, policy, { end: 100, starts });
    expect(result).toMatchObject({ lambda: { requests: 1 }, fargate: { requests: 1 } });
    // Billed from 17 and from 60, each to 100 and for a drain of 10.
    expect(result.tasks.billedSeconds).toBeCloseTo(93 + 60, 9);
  });

  it('that always are have no start', () => {
    const profile = eventProfile({}, { startSeconds: 30, billedStartSeconds: 20, minTasks: 1 });
    const result = simulate([], profile, fixedTasks(3), { end: 100 });
    expect(result.tasks.billedSeconds).toBeCloseTo(110 + 2 * 130, 9);
  });

  it('that were there before have their start paid', () => {
    const profile = eventProfile({}, { startSeconds: 30, billedStartSeconds: 20 });
    const result = simulate([0, 1], profile, fixedTasks(2), { end: 100 });
    expect(result).toMatchObject({ taskStarts: 2, coldStarts: 0 });
    expect(result.tasks.billedSeconds).toBeCloseTo(2 * 130, 9);
  });

  it('are billed for their minimum, and stay until it is over', () => {
    const profile = eventProfile({}, { drainSeconds: 10 });
    const policy = policyOf((now) => (now >= 5 && now < 15 ? 1 : 0));
    const result = simulate([6, 30, 54, 56], profile, policy, { end: 200 });
    // From 5; at 55 its drain would end with the minute, so it goes, empty, and is billed for the minute.
    expect(result.tasks.billedSeconds).toBe(60);
    expect(result).toMatchObject({ fargate: { requests: 3 }, lambda: { requests: 1 } });
  });

  it('that nobody bills yet are given up first', () => {
    const profile = eventProfile({}, { startSeconds: 30, billedStartSeconds: 20 });
    const policy = policyOf((now) => (now < 100 ? 1 : now < 105 ? 2 : 1));
    const result = simulate([], profile, policy, { end: 200 });
    expect(result).toMatchObject({ taskStarts: 2 });
    expect(result.tasks.billedSeconds).toBeCloseTo(230, 9);
  });

  it('drain: finish what they have, are billed for all of it, and lose what takes longer', () => {
    const policy = policyOf((now) => (now < 100 ? 1 : 0));
    const short = eventProfile({}, { duration: always(5000) });
    const result = simulate([99, 101], short, policy, { end: 200 });
    expect(result).toMatchObject({ lost: 0, fargate: { requests: 1 }, lambda: { requests: 1 } });
    expect(result.tasks.billedSeconds).toBeCloseTo(110, 9);
    const long = simulate([99], eventProfile({}, { duration: always(50_000) }), policy, {
      end: 200,
    });
    expect(long).toMatchObject({ lost: 1, fargate: { requests: 0 } });
    expect(long.tasks.billedSeconds).toBeCloseTo(110, 9);
  });

  it('get what they have slots for, the one with the fewest first, or in turn', () => {
    const profile = eventProfile({}, { concurrency: 2 });
    const atOnce = new Array<number>(7).fill(1);
    for (const choice of ['least-outstanding', 'round-robin'] as const) {
      const result = simulate(atOnce, profile, fixedTasks(3), { choice });
      expect(result).toMatchObject({ fargate: { requests: 6 }, lambda: { requests: 1 } });
    }
  });

  it('get no more in the long run than the rate they carry', () => {
    const profile = eventProfile({}, { concurrency: 100, taskRate: 7 });
    const result = steady(40, 500, profile, fixedTasks(3));
    expect(result.fargate.requests).toBe(21 * 500);
  });

  it('lose what they could have carried in a tick and did not', () => {
    const profile = eventProfile({}, { concurrency: 100, taskRate: 7 });
    const counts = Array.from({ length: 500 }, (_, second) => (second % 2 === 0 ? 10 : 40));
    const arrivals = arrivalsOf(demandOf(counts), seededRng(1, 'arrivals'));
    const result = simulateEvents({ arrivals, profile, policy: fixedTasks(3), seed: 1 });
    expect(result.fargate.requests).toBe(250 * (10 + 21));
  });

  it('serve a request now and then where a tick is too short for a whole one', () => {
    const profile = eventProfile({}, { taskRate: 0.3 });
    const result = steady(2, 1000, profile, fixedTasks(1));
    expect(Math.abs(result.fargate.requests - 300)).toBeLessThanOrEqual(1);
  });

  it('get no more than the policy offers', () => {
    const policy = { ...fixedTasks(3), offered: () => 2.5 };
    const result = steady(10, 400, eventProfile(), policy);
    expect(result.fargate.requests).toBe(2.5 * 400);
  });
});

describe('requests that wait for a task', () => {
  it('are those that are offered; the rest goes to Lambda', () => {
    const policy = { ...fixedTasks(1, false), offered: () => 1 };
    const profile = eventProfile({}, { concurrency: 1, duration: always(700) });
    const result = simulate([0.1, 0.2, 0.3, 1.1, 1.2], profile, policy, { end: 10 });
    expect(result).toMatchObject({ fargate: { requests: 2 }, lambda: { requests: 3 } });
    expect(result.tasks.waited).toBe(0);
    const none = { ...fixedTasks(0, false), offered: () => 0 };
    expect(simulate([0.1, 0.2], profile, none, { end: 100 }).lambda.requests).toBe(2);
  });

  it('are served in their order, at the rate that is carried', () => {
    const profile = eventProfile({}, { concurrency: 10, taskRate: 4 });
    const result = simulate([0, 0, 0, 0, 0, 0, 0, 0], profile, fixedTasks(1, false), { end: 10 });
    // Four pass at once, then one each quarter of a second.
    expect(result.tasks).toMatchObject({ waited: 4 });
    expect(result.tasks.waitedSeconds).toBeCloseTo(0.25 + 0.5 + 0.75 + 1, 4);
    expect(result.fargate.p999Ms).toBeCloseTo(1100, 1);
  });

  it('get a 504 when the door gives up', () => {
    const profile = eventProfile({}, { concurrency: 1, duration: always(45_000) });
    // The first has the slot at once, the second after 45 s; the others would have to wait for 90 s.
    const result = simulate([0, 0, 0, 0], profile, fixedTasks(1, false), { end: 300 });
    expect(result).toMatchObject({ timedOut: 2, refused: 2, fargate: { requests: 2 } });
    expect(result).toMatchObject({ overTarget: 4, misplaced: 4 });
    const patient = { end: 300, doorTimeoutSeconds: 100 };
    expect(simulate([0, 0, 0, 0], profile, fixedTasks(1, false), patient).timedOut).toBe(1);
  });

  it('wait for the first task', () => {
    const profile = eventProfile({}, { startSeconds: 30 });
    const policy = policyOf((now) => (now === 0 ? 0 : 1), { overflow: false });
    const result = simulate([0.5, 0.6], profile, policy, { end: 100 });
    expect(result.tasks.waitedSeconds).toBeCloseTo(30.5 + 30.4, 9);
    expect(result).toMatchObject({ coldStarts: 0, misplaced: 2 });
  });
});

describe('the latency target', () => {
  const slow = { duration: always(400) };

  it('keeps requests away from tasks that would be late, while Lambda is not', () => {
    const result = steady(20, 600, eventProfile({}, slow, { targetMs: 300 }), fixedTasks(10));
    // One is tried after 10 s, and after twice as long each time: 10, 30, 70, 150, 310 s.
    expect(result.fargate.requests).toBeGreaterThan(3);
    expect(result.fargate.requests).toBeLessThan(6);
    expect(result.misplaced).toBe(result.fargate.requests);
    const exact = { prediction: 'exact' } as const;
    expect(
      steady(20, 600, eventProfile({}, slow, { targetMs: 300 }), fixedTasks(10), exact),
    ).toMatchObject({
      fargate: { requests: 0 },
      misplaced: 0,
    });
  });

  it('starts no task for what tasks are too slow for, but for a try now and then', () => {
    const carries = { concurrency: 10, taskRate: 25 };
    const fargate = { ...slow, ...carries, startSeconds: 35, billedStartSeconds: 25 };
    const policy = levelCounter as PlacementPolicy;
    const result = steady(
      24,
      3600,
      eventProfile({ duration: always(100) }, fargate, { targetMs: 300 }),
      policy,
    );
    expect(result.taskStarts).toBeGreaterThan(1);
    expect(result.taskStarts).toBeLessThan(8);
    expect(result.misplaced).toBeLessThan(12);
    expect(result.tasks.billedSeconds).toBeLessThan(900);
  });

  it('lets tasks that are paid have what Lambda would be late with too', () => {
    const profile = eventProfile({ duration: always(350) }, slow, { targetMs: 300 });
    const result = steady(20, 600, profile, fixedTasks(10), { prediction: 'exact' });
    expect(result).toMatchObject({ fargate: { requests: 12_000 }, misplaced: 0 });
    // What is known of Lambda is too old after a minute: some go there to learn it anew.
    const learned = steady(20, 600, profile, fixedTasks(10));
    expect(learned.misplaced).toBe(0);
    expect(learned.lambda.requests).toBeGreaterThan(0);
    expect(learned.lambda.requests).toBeLessThan(60);
  });

  it('is never missed because of the level counter, where tasks are as fast as Lambda', () => {
    const duration = { medianMs: 100, sigma: 0.6 };
    const fargate = { duration, concurrency: 3, taskRate: 15, startSeconds: 35 };
    const counts = Array.from({ length: 900 }, (_, second) => (second % 300 < 200 ? 90 : 5));
    for (const targetMs of [150, 300, 1000]) {
      const arrivals = arrivalsOf(demandOf(counts), seededRng(1, 'arrivals'));
      const profile = eventProfile(
        { duration },
        { ...fargate, billedStartSeconds: 25 },
        { targetMs },
      );
      const policy = levelCounter as PlacementPolicy;
      const result = simulateEvents({ arrivals, profile, policy, seed: 1 });
      expect(result.fargate.requests).toBeGreaterThan(10_000);
      expect(result).toMatchObject({ misplaced: 0, refused: 0, lost: 0 });
    }
  });

  it('is never missed because of the level counter, where slower tasks meet it', () => {
    const counts = Array.from({ length: 900 }, (_, second) => (second % 300 < 200 ? 90 : 5));
    const late = (factor: number, targetMs: number) => {
      const arrivals = arrivalsOf(demandOf(counts), seededRng(1, 'arrivals'));
      const spread = (times: number) => ({ medianMs: 100 * times, sigma: 0.3 });
      const fargate = { duration: spread(factor), concurrency: 5, taskRate: 25 / factor };
      const starts = { startSeconds: 35, billedStartSeconds: 25 };
      const duration = spread(1);
      const profile = eventProfile({ duration }, { ...fargate, ...starts }, { targetMs });
      const policy = levelCounter as PlacementPolicy;
      const result = simulateEvents({ arrivals, profile, policy, seed: 1 });
      return {
        onTasks: result.fargate.requests,
        late: result.misplaced,
        all: result.requests,
      };
    };
    for (const [factor, targetMs] of [
      [1.2, 700],
      [1.5, 700],
      [2, 1000],
    ] as const) {
      const { onTasks, late: missed } = late(factor, targetMs);
      expect(onTasks).toBeGreaterThan(30_000);
      expect(missed).toBe(0);
    }
    // Where the tail crosses the target a request has to be late for the route to be closed: rarely.
    for (const factor of [1.2, 1.5, 2, 3]) {
      for (const targetMs of [150, 200, 300, 400, 500]) {
        const { late: missed, all } = late(factor, targetMs);
        expect(missed / all).toBeLessThan(0.002);
      }
    }
  });

  it('is never missed because of placement when each request is known', () => {
    const spreads = fc.record({
      medianMs: fc.integer({ min: 20, max: 900 }),
      sigma: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(spreads, spreads, fc.nat(1000), (duration, onTask, seed) => {
        const profile = eventProfile({ duration }, { duration: onTask }, { targetMs: 500 });
        const result = steady(30, 60, profile, fixedTasks(5), { prediction: 'exact', seed });
        expect(result.misplaced).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});

describe('faults', () => {
  const profile = eventProfile({}, { duration: always(1000), startSeconds: 20 });

  it('lose what a task that crashes has in flight; it is started anew', () => {
    const faults: TaskFault[] = [{ kind: 'crash', at: 50.5, tasks: 1 }];
    const result = simulate([50, 50, 51, 60, 80], profile, fixedTasks(1), { faults, end: 100 });
    expect(result).toMatchObject({ lost: 2, taskStarts: 2, overTarget: 2 });
    expect(result.tasks.crashed).toBe(1);
    // At 51 the policy sees that it is gone, and 20 s later there is another.
    expect(result).toMatchObject({ lambda: { requests: 2 }, fargate: { requests: 1 } });
  });

  it('take a third of the tasks with their zone, and none is placed there meanwhile', () => {
    const faults: TaskFault[] = [{ kind: 'zone', at: 100, seconds: 300 }];
    const ready: number[] = [];
    const policy: PlacementPolicy = {
      ...fixedTasks(9),
      decide: (_memory, seen) => {
        ready.push(seen.ready);
        return 9;
      },
    };
    const result = simulate([], profile, policy, { faults, end: 600 });
    expect(result.tasks.crashed).toBe(3);
    expect([ready[99], ready[101], ready[119], ready[122]]).toEqual([9, 6, 6, 9]);
    expect(result.taskStarts).toBe(12);
  });

  it('of the Spot market are told before: what is finished in time is not lost', () => {
    const spot = (noticeSeconds: number) =>
      steady(20, 3600, profile, fixedTasks(10), {
        faults: [{ kind: 'spot', perTaskHour: 6, noticeSeconds }],
      });
    expect(spot(120)).toMatchObject({ lost: 0 });
    expect(spot(120).taskStarts).toBeGreaterThan(40);
    expect(spot(0.5).lost).toBeGreaterThan(0);
  });

  it('happen as often as they should', () => {
    const faults: TaskFault[] = [{ kind: 'crashes', perTaskHour: 2 }];
    const result = simulate([], eventProfile(), fixedTasks(20), { faults, end: 36_000 });
    // 400 in ten hours; Poisson, four standard errors.
    expect(Math.abs(result.tasks.crashed - 400)).toBeLessThan(4 * Math.sqrt(400));
  });
});

describe('decisions', () => {
  it('are told when they change, with what led to them', () => {
    const told: EventDecision[] = [];
    const policy = policyOf((now) => (now < 10 ? 2 : now < 20 ? 5 : 1));
    simulate([1, 2], eventProfile(), policy, {
      end: 30,
      decisions: (decision) => told.push(decision),
    });
    expect(told.map(({ at, from, to }) => [at, from, to])).toEqual([
      [10, 2, 5],
      [20, 5, 1],
    ]);
    expect(told[0]?.reason.text).toBe('as planned');
  });

  it('rest on what came since the tick before', () => {
    const seen: Record<string, number>[] = [];
    const policy: PlacementPolicy = {
      ...fixedTasks(1),
      decide: (_memory, now) => {
        seen.push({ ...now });
        return 1;
      },
    };
    simulate([0.5, 1.5, 1.6, 1.7], eventProfile({}, { concurrency: 2 }), policy, { end: 3 });
    expect(seen[1]).toEqual({
      span: 1,
      requests: 1,
      concurrency: expect.closeTo(0.1, 9),
      ready: 1,
      starting: 0,
      utilization: expect.closeTo(0.05, 9),
    });
    expect(seen[2]).toMatchObject({ requests: 3, concurrency: expect.closeTo(0.3, 9) });
    expect(seen).toHaveLength(4);
  });
});

describe('a whole run', () => {
  const faults = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('crash' as const), at: fc.nat(150), tasks: fc.nat(3) }),
      fc.record({ kind: fc.constant('crashes' as const), perTaskHour: fc.nat(200) }),
      fc.record({
        kind: fc.constant('spot' as const),
        perTaskHour: fc.nat(200),
        noticeSeconds: fc.nat(5),
      }),
      fc.record({ kind: fc.constant('zone' as const), at: fc.nat(150), seconds: fc.nat(60) }),
    ),
    { maxLength: 3 },
  );
  const cases = fc.record({
    counts: fc.array(fc.oneof(fc.nat(60), fc.constant(Number.NaN)), {
      minLength: 1,
      maxLength: 120,
    }),
    tasks: fc.array(fc.nat(8), { minLength: 1, maxLength: 12 }),
    overflow: fc.boolean(),
    choice: fc.constantFrom('least-outstanding' as const, 'round-robin' as const),
    faults,
    seed: fc.nat(1e6),
    concurrency: fc.integer({ min: 1, max: 6 }),
    taskRate: fc.constantFrom(5, 20, Number.POSITIVE_INFINITY),
    accountConcurrency: fc.constantFrom(3, 1000),
    sigma: fc.constantFrom(0, 0.5, 1.5),
  });
  type Case = typeof cases extends fc.Arbitrary<infer value> ? value : never;

  function run(one: Case) {
    const { seed, overflow, choice, concurrency, taskRate, accountConcurrency, sigma } = one;
    const duration = { medianMs: 300, sigma };
    const profile = eventProfile(
      { duration, accountConcurrency, idleSeconds: [5, 20] },
      {
        duration,
        concurrency,
        taskRate,
        startSeconds: 8,
        startSigma: 0.3,
        billedStartSeconds: 5,
        drainSeconds: 3,
        minimumSeconds: 20,
      },
    );
    const policy = policyOf((now) => one.tasks[Math.floor(now / 10) % one.tasks.length] ?? 0, {
      overflow,
    });
    const arrivals = arrivalsOf(demandOf(one.counts), seededRng(seed, 'arrivals'));
    const result = simulateEvents({
      arrivals,
      profile,
      policy,
      seed,
      choice,
      faults: one.faults,
      doorTimeoutSeconds: 10,
    });
    return { result, profile };
  }

  it('keeps all requests, and the money of its parts', () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { result, profile } = run(one);
        const { lambda, fargate, refused, lost, requests, series } = result;
        const came = one.counts.reduce((sum, count) => sum + (Number.isNaN(count) ? 0 : count), 0);
        expect(requests).toBe(came);
        expect(lambda.requests + fargate.requests + refused + lost).toBe(came);
        expect(result.throttled + result.timedOut).toBe(refused);
        if (!one.overflow) expect(lambda.requests + result.throttled).toBe(0);
        const gbSeconds = (result.environments.billedMs / 1000) * 0.5;
        const lambdaUsd = gbSeconds * profile.lambda.usdPerGbSecond + lambda.requests * 2e-7;
        expect(lambda.usd).toBeCloseTo(lambdaUsd, 12);
        expect(fargate.usd).toBeCloseTo(
          result.tasks.billedSeconds * profile.fargate.taskUsdPerSecond,
          12,
        );
        expect(result.usd).toBeCloseTo(lambda.usd + fargate.usd, 12);
        const known = one.counts.filter((count) => !Number.isNaN(count)).length;
        expect(result.seconds).toBeCloseTo(known, 9);
        const demand = series.reduce((sum, { demandRate }) => sum + demandRate, 0);
        if (series.length > 0) expect((demand * known) / series.length).toBeCloseTo(came, 6);
        expect(result.environments.mostBusy).toBeLessThanOrEqual(one.accountConcurrency);
        expect(lambda.requests === 0 || lambda.p50Ms > 0).toBe(true);
        expect(fargate.requests === 0 || fargate.p50Ms > 0).toBe(true);
        expect(result.misplaced).toBeLessThanOrEqual(result.overTarget);
      }),
      { numRuns: 150 },
    );
  });

  it('is the same to the last byte with the same seed', () => {
    fc.assert(
      fc.property(cases, (one) => {
        expect(JSON.stringify(run(one).result)).toBe(JSON.stringify(run(one).result));
      }),
      { numRuns: 40 },
    );
  });

  it('is another with another seed, and brings every policy the same requests', () => {
    const duration = { medianMs: 100, sigma: 0.5 };
    const profile = eventProfile(
      { duration, init: always(0), coldExtra: always(0) },
      { duration, concurrency: 50 },
    );
    const alone = steady(20, 200, profile, fixedTasks(0));
    const served = steady(20, 200, profile, fixedTasks(3));
    expect(served.fargate.requests).toBe(4000);
    // The same sizes: latencies are the same wherever they are served.
    expect(served.p999Ms).toBe(alone.p999Ms);
    expect(served.p50Ms).toBe(alone.p50Ms);
    expect(steady(20, 200, profile, fixedTasks(0), { seed: 2 }).lambda.usd).not.toBe(
      alone.lambda.usd,
    );
  });

  it('can be broken off, and gives what there is', () => {
    const told: number[] = [];
    const progress = (done: number) => {
      told.push(done);
      return told.length === 2;
    };
    const result = steady(100, 2000, eventProfile(), fixedTasks(2), { progress });
    expect(told).toHaveLength(2);
    expect(result.events).toBeGreaterThan(2 * 65_536);
    expect(result.requests).toBeLessThan(100_000);
    expect(result.seconds).toBeCloseTo((told[1] ?? 0) * 2000, -1);
    expect(result.lambda.requests + result.fargate.requests).toBe(result.requests);
  });

  it('has at most as many points as were asked for, of equal length', () => {
    for (const seconds of [7, 100, 399, 1000]) {
      const { series } = steady(3, seconds, eventProfile(), fixedTasks(1), { points: 50 });
      expect(series.length).toBe(
        seconds < 50 ? seconds : Math.ceil(seconds / 2 ** Math.ceil(Math.log2(seconds / 50))),
      );
      expect(series.every(({ demandRate }) => Math.abs(demandRate - 3) < 1e-9)).toBe(true);
    }
  });
});
