import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../base/rng.ts';
import { levelCounter, levelCounterOf } from './level-counter.ts';
import type { LevelCounterMemory } from './level-counter-memory.ts';
import { RULES } from './level-counter-rules.ts';
import type { PlacementSeen, PlacementTerms } from './placement.ts';

// 512 MiB for 100 ms against a quarter of a vCPU with 512 MiB: α = 0.22.
const TERMS: PlacementTerms = {
  taskUsdPerSecond: 3.4284e-6,
  lambdaUsdPerRequest: 1.0333e-6,
  taskRate: 15,
  taskSeconds: 0.1,
  startSeconds: 35,
  billedStartSeconds: 25,
  drainSeconds: 0,
  minimumSeconds: 60,
  minTasks: 0,
  maxTasks: 100,
  thresholdSeconds: 60,
};

const rng = seededRng(1, 'unused');

const seenOf = (requests: number, span = 1): PlacementSeen => ({
  span,
  requests,
  concurrency: 0,
  ready: 0,
  starting: 0,
  utilization: Number.NaN,
});

interface Run {
  readonly memory: LevelCounterMemory;
  readonly wanted: number[];
}

function run(rates: Iterable<number>, terms = TERMS, span = 1, policy = levelCounter): Run {
  const memory = policy.start(0, terms, rng);
  const wanted: number[] = [];
  let now = 0;
  for (const rate of rates) {
    now += span;
    wanted.push(policy.decide(memory, seenOf(rate * span, span), terms, now));
  }
  return { memory, wanted };
}

/** Demand that changes between rates after random times. */
function* turns(seed: string, ticks: number, most = 100, hold = 200): Generator<number> {
  const chance = seededRng(3, seed);
  let rate = 0;
  let left = 0;
  for (let tick = 0; tick < ticks; tick += 1) {
    if (left <= 0) {
      rate = chance.next() < 0.3 ? 0 : most * chance.next() ** 2;
      left = 2 * hold * chance.next() ** 2;
    }
    left -= 1;
    yield rate * (0.7 + 0.6 * chance.next());
  }
}

const leaderOf = ({ memory }: Run) => memory.contenders[memory.leader]?.rule.name;

describe('the level counter', () => {
  it('starts a task when it has saved a minute of its price, and stops it when it has lost as much', () => {
    // Full, a task saves 12.07e-6 of USD a second: 60 × 3.43e-6 are saved in 18 s.
    const { wanted } = run([...Array(30).fill(15), ...Array(90).fill(0)]);
    expect(wanted.indexOf(1)).toBe(17);
    expect(wanted.indexOf(0, 18)).toBe(89);
  });

  it('wants what constant demand pays, for every span', () => {
    const ends = [1, 5, 10, 60].map((span) => {
      const { wanted } = run(Array(7200 / span).fill(100), TERMS, span);
      return wanted.at(-1);
    });
    expect(ends).toEqual([7, 7, 7, 7]);
  });

  it('comes to the same tasks for constant demand, whatever the span', () => {
    // Not where the last task hardly pays or hardly does not: it takes its time to say so.
    const clear = fc.double({ min: 0.1, max: 400, noNaN: true }).filter((rate) => {
      const part = (rate / 15) % 1;
      return Math.abs(part - 0.2212) > 0.08;
    });
    fc.assert(
      fc.property(clear, fc.constantFrom(2, 5, 30, 60, 300), (rate, span) => {
        const fine = run(Array(3600).fill(rate)).wanted.at(-1);
        expect(run(Array(3600 / span).fill(rate), TERMS, span).wanted.at(-1)).toBe(fine);
      }),
      { numRuns: 30 },
    );
  });

  it('goes on in the same way from a copy of its memory', () => {
    const all = [...turns('clone', 20_000)];
    const whole = run(all);
    const { memory } = run(all.slice(0, 9_000));
    const copy = structuredClone(memory);
    for (const going of [memory, copy]) {
      const wanted = all
        .slice(9_000)
        .map((rate, index) => levelCounter.decide(going, seenOf(rate), TERMS, 9_001 + index));
      expect(wanted).toEqual(whole.wanted.slice(9_000));
    }
  });

  it('does not care for the unit of money', () => {
    const all = [...turns('money', 20_000)];
    const { wanted } = run(all);
    for (const factor of [2 ** -20, 0.5, 4, 2 ** 30]) {
      const terms = {
        ...TERMS,
        taskUsdPerSecond: TERMS.taskUsdPerSecond * factor,
        lambdaUsdPerRequest: TERMS.lambdaUsdPerRequest * factor,
      };
      expect(run(all, terms).wanted).toEqual(wanted);
    }
  });

  it('wants no fewer tasks where no tick has less demand, once it is constant', () => {
    for (let rate = 0; rate < 300; rate += 7) {
      const less = run(Array(600).fill(rate)).wanted.at(-1) ?? 0;
      const more = run(Array(600).fill(rate + 7)).wanted.at(-1) ?? 0;
      expect(more).toBeGreaterThanOrEqual(less);
    }
  });

  it('keeps between its minimum and its maximum, which may change', () => {
    const chance = seededRng(4, 'limits');
    const memory = levelCounter.start(0, TERMS, rng);
    let now = 0;
    for (const rate of turns('limits', 20_000, 300)) {
      now += 1;
      const minTasks = Math.floor(3 * chance.next());
      const terms = { ...TERMS, minTasks, maxTasks: minTasks + Math.floor(12 * chance.next()) };
      const wanted = levelCounter.decide(memory, seenOf(rate), terms, now);
      expect(wanted).toBeGreaterThanOrEqual(terms.minTasks);
      expect(wanted).toBeLessThanOrEqual(terms.maxTasks);
      expect(Number.isInteger(wanted)).toBe(true);
    }
  });

  it('follows capacity and prices that are learned while it runs', () => {
    const { memory } = run(Array(1200).fill(100));
    const half = { ...TERMS, taskRate: 30 };
    let wanted = Number.NaN;
    for (let now = 1201; now < 3600; now += 1)
      wanted = levelCounter.decide(memory, seenOf(100), half, now);
    expect(wanted).toBe(4);
    const dear = { ...half, taskUsdPerSecond: 4e-5 };
    for (let now = 3600; now < 9000; now += 1)
      wanted = levelCounter.decide(memory, seenOf(100), dear, now);
    expect(wanted).toBe(0);
  });

  it.each([
    ['a full task as dear as Lambda', { taskUsdPerSecond: 15 * 1.0333e-6 }],
    ['a full task dearer than Lambda', { taskUsdPerSecond: 1 }],
    ['Lambda for nothing', { lambdaUsdPerRequest: 0 }],
    ['both for nothing', { lambdaUsdPerRequest: 0, taskUsdPerSecond: 0 }],
    ['no task allowed', { maxTasks: 0 }],
  ])('never wants a task: %s', (_, change) => {
    const { wanted } = run(turns('never', 5_000, 500), { ...TERMS, ...change });
    expect(Math.max(...wanted)).toBe(0);
  });

  it('takes tasks for nothing at once and keeps them', () => {
    const { wanted } = run([10, 40, 40, 0, 0], { ...TERMS, taskUsdPerSecond: 0 });
    expect(wanted).toEqual([1, 3, 3, 3, 3]);
  });

  it('does as Lambda alone would while it has cost too much, and comes back', () => {
    const { memory, wanted } = run(Array(3600).fill(100));
    expect(wanted.at(-1)).toBe(7);
    // As if its tasks had cost more than they have: nearly twice what Lambda alone took.
    memory.own.usd += 0.6;
    const after = Array.from({ length: 12_000 }, (_, index) =>
      levelCounter.decide(memory, seenOf(100), TERMS, 3601 + index),
    );
    expect(after[60]).toBe(0);
    expect(after.at(-1)).toBe(7);
    const lambdaOnly = memory.contenders.find(({ rule }) => rule.name === 'never')?.account.usd;
    expect(memory.own.usd).toBeLessThan(
      1.25 * (lambdaOnly ?? 0) + 3600 * 7 * TERMS.taskUsdPerSecond,
    );
  });

  it('says why, with the figures that it rests on', () => {
    const early = run(Array(10).fill(20));
    expect(levelCounter.why(early.memory, TERMS)).toEqual({
      text: 'no task pays: 20 requests/s, $0.0558 an hour on Lambda now, $0.0123 a task; task 1 would have saved $0.000121 of $0.000206 at which it starts; counter: even',
      figures: expect.objectContaining({ tasks: 0, requestsPerSecond: 20, lostUsd: 0 }),
    });
    const two = run([...Array(600).fill(30), ...Array(10).fill(15)]);
    expect(levelCounter.why(two.memory, TERMS).text).toMatch(
      /^2 tasks pay: 15 requests\/s, Lambda would take \$0 an hour for the part of task 2 now, a task \$0.0123; task 2 has lost \$\S+ of \$\S+ at which it stops; counter: /,
    );
    const dear = run([10], { ...TERMS, taskUsdPerSecond: 1 });
    expect(levelCounter.why(dear.memory, { ...TERMS, taskUsdPerSecond: 1 }).text).toBe(
      'no task pays: 10 requests/s, $0.0372 an hour on Lambda now, $3600 a task; a full task is dearer than Lambda',
    );
    const least = { ...TERMS, minTasks: 2 };
    expect(levelCounter.why(run([0], least).memory, least).text).toBe(
      'no task pays: 0 requests/s, $0 an hour on Lambda now, $0.0123 a task; the minimum is 2',
    );
  });

  it('turns to quick thresholds for long bursts, and to patient ones for short ones', () => {
    function* bursts(length: number, gap: number): Generator<number> {
      for (let second = 0; second < 40_000; second += 1)
        yield second % (length + gap) < length ? 100 : 0;
    }
    expect(leaderOf(run(bursts(900, 900)))).toMatch('quick');
    expect(leaderOf(run(bursts(40, 300)))).toMatch(/never|patient|steady/);
  });

  it('uses a forecast only as thresholds: a wrong one costs little, a right one saves', () => {
    const wave = (now: number) => (now % 600 < 240 ? 120 : 0);
    const rates = Array.from({ length: 40_000 }, (_, index) => wave(index + 1));
    const usdWith = (forecast?: (now: number) => number) =>
      run(rates, TERMS, 1, levelCounterOf(RULES, forecast)).memory.own.usd;
    const without = usdWith();
    const right = usdWith((now) => wave(now + 35));
    expect(right).toBeLessThanOrEqual(without);
    expect(usdWith((now) => 120 - wave(now + 35))).toBeLessThan(without * 1.01);
    expect(usdWith(() => Number.NaN)).toBeLessThan(without * 1.01);
  });
});
