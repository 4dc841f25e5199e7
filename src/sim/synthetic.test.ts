import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../base/fault.ts';
import type { Demand } from './demand.ts';
import { firstDays, rescaled, surveyOf, toMean } from './demand-changes.ts';
import { demandOfSynthetic } from './synthetic.ts';
import { GENERATORS, parseSynthetic } from './synthetic-spec.ts';

const DAY = 86_400;

function countsOf(demand: Demand): Float64Array {
  const all = new Float64Array(demand.steps);
  let at = 0;
  for (const { counts, length } of demand.chunks()) {
    all.set(counts.subarray(0, length), at);
    at += length;
  }
  expect(at).toBe(demand.steps);
  return all;
}

const made = (spec: string, days: number, seed = 1): Float64Array =>
  countsOf(demandOfSynthetic(spec, { days, seed }));

const mean = (values: ArrayLike<number>): number =>
  (Array.prototype.reduce.call(
    values,
    (sum, value) => (sum as number) + (value as number),
    0,
  ) as number) / values.length;

/** Over its mean. */
function dispersion(values: Float64Array): number {
  const middle = mean(values);
  return mean(values.map((value) => (value - middle) ** 2)) / middle;
}

function faultOf(spec: string): Fault {
  try {
    parseSynthetic(spec);
  } catch (error) {
    return error as Fault;
  }
  throw new Error(`${spec} was understood`);
}

describe('every generator', () => {
  const kinds = Object.keys(GENERATORS);

  it.each(kinds)('has the mean that is asked for over whole cycles: %s', (kind) => {
    const { generator, value } = parseSynthetic(kind);
    const cycles = Math.max(1, Math.ceil((14 * DAY) / generator.cycleSeconds(value)));
    const days = (cycles * generator.cycleSeconds(value)) / DAY;
    const rates = made(`${kind}:20,noise=none`, days);
    // What is drawn as states has an error of its own; the others are exact.
    if (kind === 'mmpp') expect(Math.abs(mean(rates) / 20 - 1)).toBeLessThan(0.1);
    else expect(mean(rates)).toBeCloseTo(20, 9);
    const counts = made(`${kind}:20,noise=poisson`, days);
    // The sum of Poisson counts is Poisson: its relative error is 1 / √sum.
    expect(Math.abs(mean(counts) / mean(rates) - 1)).toBeLessThan(
      5 / Math.sqrt(20 * counts.length),
    );
    expect(counts.every((count) => Number.isInteger(count) && count >= 0)).toBe(true);
  });

  it.each(kinds)('gives the same each time, and the beginning of a longer one: %s', (kind) => {
    const demand = demandOfSynthetic(kind, { days: 0.3, seed: 5 });
    const counts = countsOf(demand);
    expect(countsOf(demand)).toEqual(counts);
    expect(made(kind, 0.9, 5).subarray(0, counts.length)).toEqual(counts);
    if (kind !== 'constant') expect(made(kind, 0.3, 6)).not.toEqual(counts);
  });

  it.each(kinds)('keeps no more than a chunk: %s', (kind) => {
    const arrays = new Set<Float64Array>();
    const demand = demandOfSynthetic(kind, { days: 3, seed: 1 });
    for (const { counts, length } of demand.chunks()) {
      arrays.add(counts);
      expect(length).toBeLessThanOrEqual(8192);
    }
    expect(arrays.size).toBe(1);
  });

  it.each(kinds)('has all its options at their defaults, and a line for each: %s', (kind) => {
    const { generator } = parseSynthetic(kind);
    const written = Object.entries(generator.options).map(
      ([name, { default: given }]) => `${name}=${given}`,
    );
    const noise = generator.noise ? 'poisson' : 'none';
    expect(made([`${kind}:10`, ...written, `noise=${noise}`].join(','), 0.1)).toEqual(
      made(kind, 0.1),
    );
    const lines = [generator.what, ...Object.values(generator.options).map(({ what }) => what)];
    expect(lines.every((line) => line !== '' && line.length < 90)).toBe(true);
  });

  it('at another mean draws anew, and is Poisson there too', () => {
    const demand = demandOfSynthetic('poisson:100', { days: 1, seed: 1 });
    const thin = rescaled(demand, 0.001);
    expect(thin.name).toBe('poisson:0.1');
    expect(countsOf(thin)).toEqual(made('poisson:0.1', 1));
    expect(countsOf(toMean(demand, 0.1))).toEqual(countsOf(thin));
    const options = toMean(demandOfSynthetic('bursts,for=1m', { days: 1, seed: 1 }), 3);
    expect(options.name).toBe('bursts:3,for=1m');
    const short = toMean(firstDays(demandOfSynthetic('poisson', { days: 4, seed: 2 }), 1), 2);
    expect(short.name).toBe('poisson:2, the first 1 day');
    expect(countsOf(short)).toEqual(made('poisson:2', 1, 2));
  });
});

describe('constant and poisson', () => {
  it('are what they say', () => {
    expect(new Set(made('constant:7.5', 0.1))).toEqual(new Set([7.5]));
    for (const rate of [0.2, 9, 40, 2500]) {
      const counts = made(`poisson:${rate}`, 2);
      // The variance of a Poisson count is its mean; its estimate has a relative error √(2/n + 1/(n·rate)).
      const error = Math.sqrt((2 + 1 / rate) / counts.length);
      expect(Math.abs(dispersion(counts) - 1)).toBeLessThan(5 * error);
      // Neighbours know nothing of each other.
      let product = 0;
      for (let at = 1; at < counts.length; at += 1) {
        product += ((counts[at] ?? 0) - rate) * ((counts[at - 1] ?? 0) - rate);
      }
      const correlation = product / counts.length / rate;
      expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(counts.length));
    }
  });
});

describe('diurnal', () => {
  const week = made('diurnal:10,peak=1.9,at=15:00,weekend=0.5,noise=none', 7);
  const dayMean = (day: number): number => mean(week.subarray(day * DAY, (day + 1) * DAY));

  it('has its peak at its hour, and less at the weekend', () => {
    const monday = week.subarray(0, DAY);
    const peak = monday.indexOf(Math.max(...monday));
    expect(Math.abs(peak - 15 * 3600)).toBeLessThanOrEqual(1);
    expect(Math.max(...monday) / dayMean(0)).toBeCloseTo(1.9, 6);
    expect(Math.min(...monday) / dayMean(0)).toBeCloseTo(0.1, 6);
    for (const day of [5, 6]) expect(dayMean(day) / dayMean(0)).toBeCloseTo(0.5, 9);
    for (const day of [1, 2, 3, 4]) expect(dayMean(day)).toBeCloseTo(dayMean(0), 9);
    expect(mean(week)).toBeCloseTo(10, 9);
  });
});

describe('bursts', () => {
  it('come once in each period, as long and as high as they say, anywhere in it', () => {
    const counts = made('bursts:10,every=10m,for=30s,times=8,noise=none', 30);
    const between = Math.min(...counts.subarray(0, 600));
    const begins: number[] = [];
    for (let period = 0; period < counts.length; period += 600) {
      const one = counts.subarray(period, period + 600);
      const high = [...one].flatMap((rate, at) => (rate > between ? [at] : []));
      expect(high).toHaveLength(30);
      expect((high.at(-1) ?? 0) - (high[0] ?? 0)).toBe(29);
      expect((one[high[0] ?? 0] ?? 0) / between).toBeCloseTo(8, 9);
      begins.push(high[0] ?? 0);
    }
    // Even on 0 to 570: mean 285, variance (571² − 1) / 12.
    const error = Math.sqrt((571 ** 2 - 1) / 12 / begins.length);
    expect(Math.abs(mean(begins) - 285)).toBeLessThan(5 * error);
    expect(Math.min(...begins)).toBeLessThan(10);
    expect(Math.max(...begins)).toBeGreaterThan(560);
  });
});

describe('mmpp', () => {
  const [highFor, lowFor] = [120, 300] as const;
  const days = 60;
  const rates = made(`mmpp:10,high=3,low=0.2,high-for=2m,low-for=5m,noise=none`, days);
  const part = rates.map((rate) => (rate / 10 - 0.2) / 2.8);

  it('is high and low for as long as it says, exponentially', () => {
    const runs: number[] = [];
    let length = 0;
    let begun = false;
    for (const high of part) {
      if (high > 1e-9) length += high;
      else {
        if (length > 0 && begun) runs.push(length);
        length = 0;
        begun = true;
      }
    }
    // Turns that end within one second of low are not seen as two: one in 300.
    expect(Math.abs(mean(runs) / highFor - 1)).toBeLessThan(5 / Math.sqrt(runs.length) + 1 / 300);
    const cycles = (days * DAY) / (highFor + lowFor);
    expect(Math.abs(runs.length / cycles - 1)).toBeLessThan(5 / Math.sqrt(cycles) + 1 / 100);
    // Of exponential times 1/e are longer than their mean.
    const long = runs.filter((run) => run > highFor).length / runs.length;
    expect(Math.abs(long - Math.exp(-1))).toBeLessThan(5 * Math.sqrt(0.2325 / runs.length) + 0.005);
  });

  it('forgets its state exponentially', () => {
    // Of the chain: correlation exp(−lag·(1/high + 1/low)); seconds are means, which hardly matters.
    const middle = highFor / (highFor + lowFor);
    const variance = middle * (1 - middle);
    for (const lag of [10, 60, 200]) {
      let sum = 0;
      for (let at = lag; at < part.length; at += 1) {
        sum += ((part[at] ?? 0) - middle) * ((part[at - lag] ?? 0) - middle);
      }
      const correlation = sum / (part.length - lag) / variance;
      const wanted = Math.exp(-lag * (1 / highFor + 1 / lowFor));
      // As many that know nothing of each other as there are times of forgetting.
      const free = (days * DAY) / (2 / (1 / highFor + 1 / lowFor));
      expect(Math.abs(correlation - wanted)).toBeLessThan(5 / Math.sqrt(free) + 0.01);
    }
  });

  it('keeps its mean whatever its rates are, and takes only their ratio', () => {
    expect(made('mmpp:10,high=30,low=2,noise=none', 1)).toEqual(
      made('mmpp:10,high=3,low=0.2,noise=none', 1),
    );
    const onOff = made('mmpp:10,high=1,low=0,high-for=1s,low-for=1s,noise=none', 20);
    // Variance of the time in a state: about τ/(2·T) of its square, with τ = 1 s.
    expect(Math.abs(mean(onOff) / 10 - 1)).toBeLessThan(5 / Math.sqrt(onOff.length));
  });

  it('is burstier than Poisson by the variance of its rate', () => {
    const counts = made('mmpp:10', days);
    // Var = E[rate] + Var[rate]: of the two states, 10 · (1 + 28² / 10 · 0.204).
    const wanted = 1 + (28 ** 2 * (120 * 300)) / 420 ** 2 / 10;
    expect(Math.abs(dispersion(counts) / wanted - 1)).toBeLessThan(0.05);
  });
});

describe('flash', () => {
  it('rises to its height in its time, and fades', () => {
    const counts = made('flash:10,times=8,at=6h,rise=2m,fade=15m,noise=none', 1);
    const before = counts[6 * 3600 - 1] ?? 0;
    const over = (second: number): number => (counts[second] ?? 0) / before - 1;
    const top = 6 * 3600 + 120;
    expect(over(6 * 3600 + 60)).toBeCloseTo(3.5, 1);
    expect(over(top)).toBeCloseTo(7, 1);
    expect(over(top + 900) / over(top)).toBeCloseTo(Math.exp(-1), 9);
    expect(Math.max(...counts)).toBe(counts[top]);
  });
});

describe('night', () => {
  it('is silent at night, and only then', () => {
    for (const [from, to, silent] of [
      ['22:00', '06:00', (hour: number) => hour >= 22 || hour < 6],
      ['01:00', '05:00', (hour: number) => hour >= 1 && hour < 5],
    ] as const) {
      const counts = made(`night:10,from=${from},to=${to},noise=none`, 2);
      expect(
        counts.every((count, second) => (count === 0) === silent(Math.floor(second / 3600) % 24)),
      ).toBe(true);
    }
  });
});

describe('a spec', () => {
  it.each([
    ['diurnl:10', 'No generator is called "diurnl".', 'Did you mean "diurnal"?', 0, 6],
    ['diurnal:10,peek=3', '"diurnal" has no option "peek".', 'Did you mean "peak"?', 11, 6],
    ['diurnal:10,peak=3', '"peak" must be a number from 1 to 2, was: 3.', 'busiest', 11, 6],
    ['diurnal:-1', 'The mean must not be negative, was: -1.', 'Write it as', 8, 2],
    ['diurnal:0', 'The mean must be more than 0, was: 0.', 'Write it as', 8, 1],
    ['poisson:', 'The mean must be requests over time', 'Write it as', 8, 0],
    ['poisson:1e9', 'The mean must be at most 10,000,000 a second', 'Write it as', 8, 3],
    ['poisson:5/wk', 'The mean has no unit "wk"', 'Write it as', 8, 4],
    [
      'bursts:10,every=1m,for=2m',
      '"for" of "bursts" must be shorter than "every", was: 2m.',
      'Change',
      19,
      6,
    ],
    [
      'bursts:10,every=20s',
      '"for" of "bursts" must be shorter than "every", was: 30s.',
      'Change',
      0,
      19,
    ],
    ['bursts:10,every=10', '"every" must be a duration from 2s to 30d', 'the period', 10, 8],
    ['bursts:10,for=1500ms', '"for" must be whole seconds, was: 1500ms.', 'whole', 10, 10],
    ['night:1,from=24:00', '"from" must be a time of day', 'night begins', 8, 10],
    ['mmpp:1,high=0,low=0', '"high" of "mmpp" must be more than 0', 'Change', 7, 6],
    ['mmpp:1,,low=0', 'There is nothing between two commas.', 'name=value', 7, 0],
    ['mmpp:1, low', '"low" has no value.', 'name=value', 8, 3],
    ['mmpp:1,low=1,low=2', '"low" is there twice.', 'Leave one', 13, 5],
    [
      'poisson:1,noise=nome',
      '"noise" must be poisson or none, was: nome.',
      'Did you mean "none"?',
      10,
      10,
    ],
    ['', 'No generator is called "".', 'There are: constant, poisson', 0, 0],
    ['toString:1', 'No generator is called "toString".', 'There are', 0, 8],
  ])('that cannot be understood says why and where: %s', (spec, problem, fix, at, length) => {
    const fault = faultOf(spec);
    expect(fault.code).toBe('SYNTHETIC_BAD');
    expect(fault.message).toContain(problem);
    expect(fault.message).toContain(spec);
    expect(fault.fix).toContain(fix);
    expect(fault.facts).toMatchObject({ at, length });
  });

  it('may have spaces, units and no mean', () => {
    const { meanRate, value, noise } = parseSynthetic(
      ' bursts : 600/min , every = 1.1m,noise=none',
    );
    expect(meanRate).toBeCloseTo(10, 9);
    expect(value('every')).toBe(66);
    expect(noise).toBe(false);
    expect(parseSynthetic('night').meanRate).toBe(10);
    expect(parseSynthetic('poisson:864k/day').meanRate).toBeCloseTo(10, 9);
  });

  it('is understood or is a fault, whatever it is', () => {
    const word = fc.constantFrom(
      ...Object.keys(GENERATORS),
      'every',
      'for',
      'noise',
      '=',
      ',',
      ':',
      '10',
      '-',
      '1m',
      '',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        try {
          const { meanRate } = parseSynthetic(words.join(''));
          expect(meanRate).toBeGreaterThan(0);
        } catch (error) {
          expect((error as Fault).code).toBe('SYNTHETIC_BAD');
        }
      }),
    );
  });

  it('draws a billion requests', () => {
    const { requests } = surveyOf(demandOfSynthetic('poisson:10000', { days: 1.1575, seed: 1 }));
    expect(requests).toBeGreaterThan(1e9);
    expect(Math.abs(requests / (1.1575 * DAY * 1e4) - 1)).toBeLessThan(5 / Math.sqrt(1e9));
  });
});
