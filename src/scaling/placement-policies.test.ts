import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { begin, ROUND, SmallWorld, seenOf } from '../../test/support/placement.ts';
import { seededRng } from '../base/rng.ts';
import type { Foresight, PlacementPolicy, PlacementTerms } from './placement.ts';
import { PLACEMENT_POLICIES, placementPolicy } from './placement-policies.ts';

const foresight = { peakRate: 87, bestStatic: 3 };

interface Tick {
  readonly rate: number;
  readonly span: number;
}

const offeredBy = (policy: PlacementPolicy, memory: unknown, terms: PlacementTerms): number =>
  policy.offered?.(memory, terms) ?? Number.POSITIVE_INFINITY;

/** What is wanted and offered tick by tick. `swap` may put another memory in place. */
function run(
  policy: PlacementPolicy,
  ticks: readonly Tick[],
  terms: PlacementTerms,
  known: Foresight = foresight,
  swap: (memory: unknown, tick: number) => unknown = (memory) => memory,
): readonly (readonly [wanted: number, offered: number])[] {
  const world = new SmallWorld(terms);
  let memory = begin(policy, terms, known);
  return ticks.map(({ rate, span }, tick) => {
    memory = swap(memory, tick);
    const seen = world.see(rate, span, offeredBy(policy, memory, terms));
    const wanted = policy.decide(memory, seen, terms, world.now);
    world.want(wanted);
    return [wanted, offeredBy(policy, memory, terms)] as const;
  });
}

const ticksOf: fc.Arbitrary<Tick[]> = fc.array(
  fc.record({
    rate: fc.oneof(fc.constant(0), fc.nat(30), fc.double({ min: 0, max: 700, noNaN: true })),
    span: fc.constantFrom(1, 1, 1, 0.5, 7, 60, 300),
  }),
  { minLength: 1, maxLength: 250 },
);

const termsOf: fc.Arbitrary<PlacementTerms> = fc
  .record({
    minTasks: fc.nat(3),
    more: fc.nat(40),
    taskRate: fc.double({ min: 0.5, max: 40, noNaN: true }),
  })
  .map(({ minTasks, more, taskRate }) => ({
    ...ROUND,
    taskRate,
    minTasks,
    maxTasks: minTasks + more,
    taskUsdPerSecond: 0.3 * taskRate,
  }));

describe('the list of policies', () => {
  it('has each by its name once', () => {
    const names = PLACEMENT_POLICIES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const policy of PLACEMENT_POLICIES) expect(placementPolicy(policy.name)).toBe(policy);
    expect(placementPolicy('none-such')).toBeUndefined();
  });

  it('says of each what it does and where it comes from', () => {
    for (const { says, source } of PLACEMENT_POLICIES) {
      expect(says).not.toBe('');
      expect(says).not.toContain('\n');
      expect(source.length).toBeGreaterThan(5);
    }
  });

  it('names those that only a simulation can run', () => {
    const foreseeing = PLACEMENT_POLICIES.filter(({ needsForesight }) => needsForesight);
    expect(foreseeing.map(({ name }) => name)).toEqual(['static-peak', 'static-best']);
  });
});

describe.each(PLACEMENT_POLICIES.map((policy) => [policy.name, policy] as const))(
  '%s',
  (_, policy) => {
    it('wants whole tasks within minimum and maximum, and offers no less than nothing', () => {
      fc.assert(
        fc.property(ticksOf, termsOf, (ticks, terms) => {
          for (const [wanted, offered] of run(policy, ticks, terms)) {
            expect(Number.isInteger(wanted)).toBe(true);
            expect(wanted).toBeGreaterThanOrEqual(terms.minTasks);
            expect(wanted).toBeLessThanOrEqual(terms.maxTasks);
            expect(offered).toBeGreaterThanOrEqual(0);
          }
        }),
        { numRuns: 25 },
      );
    });

    it('goes on from a copy as from itself, and is the same each time', () => {
      fc.assert(
        fc.property(ticksOf, termsOf, fc.nat(249), (ticks, terms, at) => {
          const once = run(policy, ticks, terms);
          expect(run(policy, ticks, terms)).toEqual(once);
          const copied = run(policy, ticks, terms, foresight, (memory, tick) =>
            tick === at ? structuredClone(memory) : memory,
          );
          expect(copied).toEqual(once);
        }),
        { numRuns: 25 },
      );
    });

    it('comes to the same with ticks of five seconds as with those of one', () => {
      const even = (span: number) =>
        run(policy, Array<Tick>(3600 / span).fill({ rate: 23.7, span }), ROUND).at(-1);
      expect(even(5)).toEqual(even(1));
    });

    it('does not write to what it is shown', () => {
      const memory = begin(policy, ROUND, foresight);
      const terms = Object.freeze({ ...ROUND });
      const seen = Object.freeze(
        seenOf({ requests: 40, concurrency: 4, ready: 2, utilization: 1 }),
      );
      for (let second = 0; second < 700; second += 1) policy.decide(memory, seen, terms, second);
    });

    it('gives its reason in a line with finite figures, before and after it has seen something', () => {
      const memory = begin(policy, ROUND, foresight);
      for (let second = 0; second < 400; second += 1) {
        const { text, figures } = policy.why(memory, ROUND);
        expect(text).not.toMatch(/\n|NaN|undefined|Infinity/);
        expect(Object.values(figures).every(Number.isFinite)).toBe(true);
        policy.decide(
          memory,
          seenOf({ requests: second % 50, ready: 1, utilization: 0.7 }),
          ROUND,
          second,
        );
      }
    });
  },
);

describe('an hour with all of them', () => {
  // 20 to 60 requests a second in a wave of half an hour, and a burst of 200 for 90 s at minute 40.
  const rng = seededRng(6, 'hour');
  const hour: readonly Tick[] = Array.from({ length: 3600 }, (_, second) => {
    const wave = 40 - 20 * Math.cos((2 * Math.PI * second) / 1800);
    const burst = second >= 2400 && second < 2490 ? 200 : 0;
    return { rate: Math.round((wave + burst) * (0.8 + 0.4 * rng.next())), span: 1 };
  });
  const terms = { ...ROUND, maxTasks: 15 };

  /** USD: tasks as soon as they are wanted, Lambda for the rest. */
  const usdOf = (tasks: readonly number[]): number =>
    hour.reduce((sum, { rate }, second) => {
      const had = tasks[second - 1] ?? 0;
      const beyond = Math.max(0, rate - had * terms.taskRate);
      return sum + had * terms.taskUsdPerSecond + beyond * terms.lambdaUsdPerRequest;
    }, 0);

  const statics = Array.from({ length: 16 }, (_, tasks) => usdOf(hour.map(() => tasks)));
  const known: Foresight = {
    peakRate: Math.max(...hour.map(({ rate }) => rate)),
    bestStatic: statics.indexOf(Math.min(...statics)),
  };

  const tasksOf = (name: string): readonly number[] => {
    const policy = placementPolicy(name);
    return policy === undefined ? [] : run(policy, hour, terms, known).map(([wanted]) => wanted);
  };

  it('stays below the maximum, also in the burst', () => {
    for (const { name } of PLACEMENT_POLICIES) {
      expect(Math.max(...tasksOf(name))).toBeLessThanOrEqual(15);
    }
  });

  it('starts nothing with Lambda only', () => {
    expect(new Set(tasksOf('lambda-only'))).toEqual(new Set([0]));
  });

  it('never changes a static fleet', () => {
    expect(new Set(tasksOf('static-peak'))).toEqual(new Set([15]));
    expect(new Set(tasksOf('static-best'))).toEqual(new Set([known.bestStatic]));
  });

  it('changes all the others', () => {
    const fixed = ['lambda-only', 'static-peak', 'static-best'];
    for (const { name } of PLACEMENT_POLICIES) {
      if (!fixed.includes(name)) expect(new Set(tasksOf(name)).size).toBeGreaterThan(1);
    }
  });

  it('is cheaper with every policy than with Lambda only, as a task pays when a fifth is used', () => {
    const lambda = usdOf(tasksOf('lambda-only'));
    for (const { name } of PLACEMENT_POLICIES) {
      if (name !== 'lambda-only') expect(usdOf(tasksOf(name))).toBeLessThan(lambda);
    }
  });
});
