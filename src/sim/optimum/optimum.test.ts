import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demandOf } from '../../../test/support/demand.ts';
import {
  costOfSchedule,
  eachSecond,
  IO_TERMS,
  plainLower,
  plainUpper,
} from '../../../test/support/plain-optimum.ts';
import { seededRng } from '../../base/rng.ts';
import type { PlacementTerms } from '../../scaling/placement.ts';
import { clairvoyantTasks } from './clairvoyant-tasks.ts';
import { minimumRunSeconds } from './levels.ts';
import { bestStatic, foresightOf, lowerBound, optimumOf, upperBound } from './optimum.ts';

const { taskUsdPerSecond: P, lambdaUsdPerRequest: G } = IO_TERMS;

/** Demand that stays, jumps, wavers and has gaps; in requests a step. */
const countsOf = (most: number, length = 80): fc.Arbitrary<number[]> =>
  fc
    .array(
      fc.record({
        level: fc.oneof(fc.constant(0), fc.double({ min: 0, max: most, noNaN: true })),
        wavers: fc.oneof(fc.constant(0), fc.double({ min: 0, max: most / 5, noNaN: true })),
        gap: fc.boolean(),
        steps: fc.integer({ min: 1, max: length }),
      }),
      { minLength: 1, maxLength: 8 },
    )
    .map((parts) =>
      parts.flatMap(({ level, wavers, gap, steps }, part) =>
        Array.from({ length: steps }, (_, step) =>
          gap && step === 0 && part > 0
            ? Number.NaN
            : Math.max(0, level + wavers * Math.sin(7 * step * step + part)),
        ),
      ),
    );

/** Terms with α from 0.05 to 1.3, and every other figure within reason. */
const someTerms: fc.Arbitrary<PlacementTerms> = fc
  .record({
    alpha: fc.double({ min: 0.05, max: 1.3, noNaN: true }),
    taskRate: fc.double({ min: 0.5, max: 20, noNaN: true }),
    billedStartSeconds: fc.integer({ min: 0, max: 50 }),
    drainSeconds: fc.integer({ min: 0, max: 20 }),
    minimumSeconds: fc.constantFrom(0, 60, 63),
    minTasks: fc.constantFrom(0, 0, 1, 2),
    room: fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 1, 3),
  })
  .map(({ alpha, room, ...figures }) => ({
    ...IO_TERMS,
    ...figures,
    taskUsdPerSecond: alpha * figures.taskRate * G,
    maxTasks: figures.minTasks + room,
  }));

const near = (value: number, expected: number): void => {
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected) + 1e-18);
};

describe('the lower bound', () => {
  it('is what one works out by hand', () => {
    // 100 s of a full task: on from the beginning; β is 25 s of p.
    near(lowerBound(demandOf(Array(100).fill(15)), IO_TERMS), 125 * P);
    // 5 s of it are cheaper on Lambda: 5·15·g < (25 + 5)·p.
    near(lowerBound(demandOf(Array(5).fill(15)), IO_TERMS), 75 * G);
    // 20 s without demand are bridged, 30 s are not.
    const busy = Array(100).fill(15);
    const pause = (seconds: number) => [...busy, ...Array(seconds).fill(0), ...busy];
    near(lowerBound(demandOf(pause(20)), IO_TERMS), 245 * P);
    near(lowerBound(demandOf(pause(30)), IO_TERMS), 250 * P);
  });

  it('is that of the plain programme, second by second', () => {
    fc.assert(
      fc.property(
        countsOf(200),
        someTerms,
        fc.constantFrom(1, 2, 60),
        fc.integer({ min: 1, max: 50 }),
        (counts, terms, stepSeconds, chunk) => {
          const lower = lowerBound(demandOf(counts, stepSeconds, chunk), terms);
          near(lower, plainLower(eachSecond(counts, stepSeconds), terms));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('stays so over a million steps', () => {
    const { next } = seededRng(1, 'noise');
    let rate = 100;
    const counts = Array.from({ length: 1_000_000 }, () => {
      rate += 0.01 * (100 - rate) + 4 * (next() - 0.5);
      return Math.max(0, Math.round(rate + 30 * (next() + next() - 1)));
    });
    const terms = { ...IO_TERMS, taskRate: 60, taskUsdPerSecond: 4 * P };
    near(lowerBound(demandOf(counts), terms), plainLower(counts, terms));
  });

  it('is not above what any schedule costs', () => {
    const schedule = fc.infiniteStream(
      fc.record({
        tasks: fc.integer({ min: 0, max: 8 }),
        seconds: fc.integer({ min: 1, max: 90 }),
      }),
    );
    fc.assert(
      fc.property(countsOf(60), someTerms, schedule, (counts, terms, stream) => {
        const rates = eachSecond(counts, 1);
        const tasks: number[] = [];
        for (const part of stream) {
          if (tasks.length >= rates.length) break;
          for (let second = 0; second < part.seconds; second += 1) {
            tasks.push(Math.min(Math.max(part.tasks, terms.minTasks), terms.maxTasks));
          }
        }
        const usd = costOfSchedule(rates, tasks, terms);
        expect(lowerBound(demandOf(counts), terms)).toBeLessThanOrEqual(usd * (1 + 1e-9));
      }),
      { numRuns: 300 },
    );
  });

  it('is the cost of the schedule that is drawn', () => {
    fc.assert(
      fc.property(countsOf(100), someTerms, (counts, terms) => {
        const rates = eachSecond(counts, 1);
        fc.pre(rates.length > 0);
        const tasks = clairvoyantTasks(demandOf(rates), terms, rates.length);
        const whole = [...tasks].map(Math.round);
        tasks.forEach((value, second) => {
          expect(Math.abs(value - (whole[second] as number))).toBeLessThan(1e-6);
        });
        const usd = costOfSchedule(rates, whole, { ...terms, minimumSeconds: 0 });
        const lower = lowerBound(demandOf(rates), terms);
        expect(usd).toBeGreaterThanOrEqual(lower * (1 - 1e-9));
        expect(usd).toBeLessThanOrEqual(lower * (1 + 1e-9));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the upper bound', () => {
  it('is what one works out by hand', () => {
    // A run of 15 s is billed as 60, the lower bound knows 40 of them.
    near(lowerBound(demandOf(Array(15).fill(15)), IO_TERMS), 40 * P);
    near(upperBound(demandOf([...Array(15).fill(15), ...Array(60).fill(0)]), IO_TERMS), 60 * P);
  });

  it('is that of the plain programme with the minimum run', () => {
    fc.assert(
      fc.property(countsOf(200, 300), someTerms, (counts, terms) => {
        const upper = upperBound(demandOf(counts, 1, 77), terms);
        const run = minimumRunSeconds(terms);
        const rates = eachSecond(counts, 1);
        if (run <= 1) near(upper, plainLower(rates, terms));
        else near(upper, plainUpper(rates, terms, run));
      }),
      { numRuns: 200 },
    );
  });

  it('is the lower bound where a step is longer than the minimum run', () => {
    fc.assert(
      fc.property(countsOf(5000), (counts) => {
        const { lowerUsd, upperUsd } = optimumOf(demandOf(counts, 60), IO_TERMS);
        expect(upperUsd).toBe(lowerUsd);
      }),
      { numRuns: 50 },
    );
  });
});

describe('both bounds', () => {
  it('are in order, and below Lambda alone and the best fixed fleet', () => {
    fc.assert(
      fc.property(countsOf(100), someTerms, (counts, terms) => {
        const of = optimumOf(demandOf(counts), terms);
        const slack = 1 + 1e-9;
        expect(of.lowerUsd).toBeLessThanOrEqual(of.upperUsd);
        expect(of.lowerUsd).toBeLessThanOrEqual(of.bestStatic.usd * slack);
        if (terms.minTasks === 0) {
          expect(of.upperUsd).toBeLessThanOrEqual(of.lambdaOnlyUsd * slack);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('grow with the money, and with each price', () => {
    fc.assert(
      fc.property(
        countsOf(100),
        someTerms,
        fc.double({ min: 1.001, max: 3, noNaN: true }),
        (counts, terms, by) => {
          const bounds = (of: Partial<PlacementTerms>): readonly number[] => {
            const { lowerUsd, upperUsd } = optimumOf(demandOf(counts), { ...terms, ...of });
            return [lowerUsd, upperUsd];
          };
          const now = bounds({});
          const p = { taskUsdPerSecond: terms.taskUsdPerSecond * by };
          const g = { lambdaUsdPerRequest: terms.lambdaUsdPerRequest * by };
          const start = { billedStartSeconds: terms.billedStartSeconds * by };
          for (const [bound, usd] of bounds({ ...p, ...g }).entries()) {
            near(usd, (now[bound] as number) * by);
          }
          for (const dearer of [p, g]) {
            for (const [bound, usd] of bounds(dearer).entries()) {
              expect(usd).toBeGreaterThanOrEqual((now[bound] as number) * (1 - 1e-9));
            }
          }
          // β alone: the upper bound may even fall, as a longer start leaves less of the minimum.
          expect(bounds(start)[0]).toBeGreaterThanOrEqual((now[0] as number) * (1 - 1e-9));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('do not fall when demand comes after, and gaps change nothing', () => {
    fc.assert(
      fc.property(countsOf(100), countsOf(100, 20), someTerms, (counts, more, terms) => {
        const now = optimumOf(demandOf(counts), terms);
        const later = optimumOf(demandOf([...counts, ...more]), terms);
        expect(later.lowerUsd).toBeGreaterThanOrEqual(now.lowerUsd * (1 - 1e-9));
        const known = counts.filter((count) => !Number.isNaN(count));
        const gapless = optimumOf(demandOf(known), terms);
        expect({ ...gapless }).toEqual({ ...now });
      }),
      { numRuns: 200 },
    );
  });

  it('do not depend on how demand is cut: a task of half the size at half the price is no worse', () => {
    fc.assert(
      fc.property(countsOf(100), someTerms, (counts, terms) => {
        const free = { ...terms, minTasks: 0, maxTasks: Number.POSITIVE_INFINITY };
        const half = {
          ...free,
          taskRate: free.taskRate / 2,
          taskUsdPerSecond: free.taskUsdPerSecond / 2,
        };
        const whole = lowerBound(demandOf(counts), free);
        expect(lowerBound(demandOf(counts), half)).toBeLessThanOrEqual(whole * (1 + 1e-9));
        // Full or empty halves are nothing but wholes.
        const steps = counts.map((count) => Math.round(count / free.taskRate) * free.taskRate);
        near(lowerBound(demandOf(steps), half), lowerBound(demandOf(steps), free));
      }),
      { numRuns: 200 },
    );
  });
});

describe('the sums of a trace', () => {
  it('are those of a loop', () => {
    fc.assert(
      fc.property(
        countsOf(200),
        someTerms,
        fc.constantFrom(1, 60),
        (counts, terms, stepSeconds) => {
          const rates = eachSecond(counts, stepSeconds);
          fc.pre(rates.length > 0);
          const of = optimumOf(demandOf(counts, stepSeconds), terms);
          const requests = rates.reduce((sum, rate) => sum + rate, 0);
          near(of.requests, requests);
          expect(of.seconds).toBe(rates.length);
          near(of.meanRate, requests / rates.length);
          near(of.peakRate, Math.max(...rates));
          near(of.lambdaOnlyUsd, requests * terms.lambdaUsdPerRequest);
          const most = Math.min(terms.maxTasks, terms.minTasks + 1 + of.peakRate / terms.taskRate);
          const fleets = [];
          for (let tasks = terms.minTasks; tasks <= most; tasks += 1) {
            fleets.push(costOfSchedule(rates, Array(rates.length).fill(tasks), terms));
          }
          near(of.bestStatic.usd, Math.min(...fleets));
          near(fleets[of.bestStatic.tasks - terms.minTasks] as number, of.bestStatic.usd);
          expect(bestStatic(demandOf(counts, stepSeconds), terms)).toEqual(of.bestStatic);
          expect(foresightOf(demandOf(counts, stepSeconds), terms)).toEqual({
            peakRate: of.peakRate,
            bestStatic: of.bestStatic.tasks,
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('refuse a demand that asks for more tasks than fit into memory', () => {
    expect(() => lowerBound(demandOf([1e12]), IO_TERMS)).toThrow(
      'the demand asks for 66666666668 tasks at a time; the optimum is computed for 67108864 at most',
    );
    // With a limit to the tasks it does not.
    near(lowerBound(demandOf([1e12]), { ...IO_TERMS, maxTasks: 10 }), 1e12 * G);
  });
});
