import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trafficReader } from '../traffic/read.ts';
import type { Demand } from './demand.ts';
import { firstDays, kept, MAX_KEPT_STEPS, rescaled, surveyOf, toMean } from './demand-changes.ts';
import { demandOfTraffic } from './demand-of-traffic.ts';
import { demandOfSynthetic } from './synthetic.ts';

const STEP = 3600;

/** Hours of traffic; undefined is a gap. */
const demandOf = (counts: readonly (number | undefined)[]): Demand => {
  const requests = { requestBytes: undefined, responseBytes: undefined, durationMs: undefined };
  const traffic = { intervalMs: STEP * 1000, counts, startMs: undefined, requests };
  return demandOfTraffic({ traffic }, 'hours');
};

const countsOf = (demand: Demand): number[] => {
  const all = [...demand.chunks()].length;
  const counts: number[] = [];
  for (const chunk of demand.chunks()) counts.push(...chunk.counts.subarray(0, chunk.length));
  expect(all === 0).toBe(counts.length === 0);
  expect(counts).toHaveLength(demand.steps);
  return counts;
};

const GAP = Number.NaN;

describe('demand of traffic', () => {
  it('has gaps where the source has them', () => {
    const reader = trafficReader('a.csv');
    const lines = '2014-04-10 00:00,94\n2014-04-10 00:05,56\n2014-04-10 00:20,187\n';
    reader.push(new TextEncoder().encode(lines));
    const demand = demandOfTraffic(reader.end(), 'a.csv');
    expect(demand).toMatchObject({ name: 'a.csv', stepSeconds: 300, steps: 5 });
    expect(countsOf(demand)).toEqual([94, 56, GAP, GAP, 187]);
    const survey = surveyOf(demand);
    expect(survey).toMatchObject({ requests: 337, knownSteps: 3, gaps: 1, gapSteps: 2 });
    expect(survey.meanRate).toBeCloseTo(337 / 900, 12);
    expect(survey.peakRate).toBeCloseTo(187 / 300, 12);
  });

  it('comes in chunks that begin anew each time', () => {
    const long = demandOf(Array.from({ length: 20_000 }, (_, hour) => hour));
    expect([...long.chunks()].map(({ length }) => length)).toEqual([8192, 8192, 3616]);
    expect(countsOf(long)).toEqual(countsOf(long));
    expect(countsOf(long)[19_999]).toBe(19_999);
  });
});

const someCounts = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 1000 }) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
  { minLength: 1, maxLength: 60 },
);

describe('changes', () => {
  it('multiply each count, and bring it to a mean over what is known', () => {
    expect(countsOf(rescaled(demandOf([1, undefined, 3]), 2.5))).toEqual([2.5, GAP, 7.5]);
    fc.assert(
      fc.property(someCounts, fc.double({ min: 0.01, max: 1e4, noNaN: true }), (counts, rate) => {
        const demand = demandOf(counts);
        fc.pre(surveyOf(demand).requests > 0);
        const changed = toMean(demand, rate);
        const { meanRate, gapSteps } = surveyOf(changed);
        expect(meanRate / rate).toBeCloseTo(1, 9);
        expect(gapSteps).toBe(counts.filter((count) => count === undefined).length);
      }),
    );
  });

  it('cannot bring to a mean what has no requests', () => {
    for (const counts of [[0, 0], [undefined], []]) {
      expect(() => toMean(demandOf(counts), 3)).toThrow('hours has no requests');
    }
  });

  it('cut at a number of days, or repeat up to it from the beginning', () => {
    const hours = Array.from({ length: 30 }, (_, hour) => hour);
    const short = firstDays(demandOf(hours), 1);
    expect(short.name).toBe('hours, the first 1 day');
    expect(countsOf(short)).toEqual(hours.slice(0, 24));
    const long = firstDays(demandOf(hours), 3);
    expect(long.name).toBe('hours, repeated to 3 days');
    expect(countsOf(long)).toEqual([...hours, ...hours, ...hours.slice(0, 12)]);
    const same = demandOf(hours.slice(0, 24));
    expect(firstDays(same, 1)).toBe(same);
  });

  it('go together in any order', () => {
    fc.assert(
      fc.property(someCounts, fc.integer({ min: 1, max: 100 }), (counts, hours) => {
        const demand = demandOf(counts);
        const days = hours / 24;
        const wanted = Array.from({ length: hours }, (_, hour) => counts[hour % counts.length]);
        const changed = rescaled(firstDays(demand, days), 3);
        expect(countsOf(changed)).toEqual(wanted.map((count) => (count ?? GAP) * 3));
        expect(countsOf(firstDays(rescaled(demand, 3), days))).toEqual(countsOf(changed));
        expect(countsOf(changed)).toEqual(countsOf(changed));
      }),
    );
  });

  it('are not what keeping is: the counts are the same, drawn once', () => {
    const drawn = demandOfSynthetic('bursts:3', { days: 0.5, seed: 4 });
    let draws = 0;
    const watched = {
      ...drawn,
      chunks() {
        draws += 1;
        return drawn.chunks();
      },
    };
    const inMemory = kept(watched);
    expect(countsOf(inMemory)).toEqual(countsOf(drawn));
    expect(countsOf(firstDays(inMemory, 0.1))).toEqual(countsOf(firstDays(drawn, 0.1)));
    expect(draws).toBe(1);
    expect(countsOf(toMean(inMemory, 7))).toEqual(countsOf(toMean(drawn, 7)));
    expect(countsOf(kept(demandOf([1, undefined])))).toEqual([1, GAP]);
    expect(countsOf(kept(demandOf([])))).toEqual([]);
    const long = demandOfSynthetic('poisson', { days: (MAX_KEPT_STEPS + 1) / 86_400, seed: 1 });
    expect(kept(long)).toBe(long);
  });

  it('leave what has no steps alone', () => {
    const none = demandOf([]);
    expect(firstDays(none, 2)).toBe(none);
  });
});
