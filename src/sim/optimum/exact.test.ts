// The bounds against a solver that knows nothing of levels.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demandOf } from '../../../test/support/demand.ts';
import { exactOptimum } from '../../../test/support/exact-optimum.ts';
import { eachSecond, IO_TERMS } from '../../../test/support/plain-optimum.ts';
import type { PlacementTerms } from '../../scaling/placement.ts';
import { minimumRunSeconds } from './levels.ts';
import { optimumOf } from './optimum.ts';

/** What a solver guarantees, and sums in another order. */
const NEAR = 1e-9;

/** Short seconds of everything, so that small instances have long and short runs in them. */
const smallTerms: fc.Arbitrary<PlacementTerms> = fc
  .record({
    alpha: fc.double({ min: 0.1, max: 0.95, noNaN: true }),
    taskRate: fc.integer({ min: 1, max: 6 }),
    billedStartSeconds: fc.integer({ min: 0, max: 4 }),
    drainSeconds: fc.integer({ min: 0, max: 2 }),
    minimumSeconds: fc.integer({ min: 0, max: 12 }),
  })
  .map(({ alpha, ...figures }) => ({
    ...IO_TERMS,
    ...figures,
    taskUsdPerSecond: alpha * figures.taskRate * IO_TERMS.lambdaUsdPerRequest,
  }));

/** Random requests, and such as hurt: a task is worth just as much as it costs, again and again. */
const smallDemand: fc.Arbitrary<(terms: PlacementTerms) => number[]> = fc.oneof(
  fc
    .array(fc.integer({ min: 0, max: 20 }), { minLength: 2, maxLength: 40 })
    .map((counts) => (_: PlacementTerms) => counts),
  fc
    .array(
      fc.tuple(fc.integer({ min: 0, max: 3 }), fc.double({ min: 0.5, max: 1.5, noNaN: true })),
      {
        minLength: 2,
        maxLength: 5,
      },
    )
    .map((parts) => (terms: PlacementTerms) => adversarial(terms, parts)),
);

/** Busy until a start is paid back, then idle until it would have been cheaper to stop; or nearly. */
function adversarial(
  { taskUsdPerSecond: p, lambdaUsdPerRequest: g, ...terms }: PlacementTerms,
  parts: readonly (readonly [tasks: number, part: number])[],
): number[] {
  const start = p * (terms.billedStartSeconds + terms.drainSeconds);
  return parts.flatMap(([tasks, part]) => {
    const busy = Math.min(8, 1 + Math.floor((part * start) / (g * terms.taskRate - p)));
    const idle = Math.min(8, Math.ceil((part * start) / p));
    return [...Array(busy).fill((tasks + 1) * terms.taskRate), ...Array(idle).fill(tasks)];
  });
}

async function check(rates: readonly number[], terms: PlacementTerms): Promise<void> {
  const { lowerUsd, upperUsd } = optimumOf(demandOf(rates), terms);
  const run = minimumRunSeconds(terms);
  const free = await exactOptimum(rates, terms, 0, 'linear');
  expect(Math.abs(free.usd - lowerUsd)).toBeLessThanOrEqual(NEAR * lowerUsd);
  const exact = await exactOptimum(rates, terms, run, 'linear');
  for (const tasks of [...free.tasks, ...exact.tasks]) {
    expect(Math.abs(tasks - Math.round(tasks))).toBeLessThan(1e-7);
  }
  expect(exact.usd).toBeGreaterThanOrEqual(lowerUsd * (1 - NEAR));
  expect(exact.usd).toBeLessThanOrEqual(upperUsd * (1 + NEAR));
}

describe('the linear programme', () => {
  it('is whole by itself, the lower bound without the minimum, and between the bounds with it', async () => {
    await fc.assert(
      fc.asyncProperty(smallDemand, smallTerms, (demand, terms) => check(demand(terms), terms)),
      { numRuns: 150 },
    );
  });

  it('is the one in whole tasks', async () => {
    await fc.assert(
      fc.asyncProperty(smallDemand, smallTerms, async (demand, terms) => {
        const rates = demand(terms).slice(0, 20);
        const run = minimumRunSeconds(terms);
        const whole = await exactOptimum(rates, terms, run, 'whole');
        const linear = await exactOptimum(rates, terms, run, 'linear');
        expect(Math.abs(whole.usd - linear.usd)).toBeLessThanOrEqual(NEAR * whole.usd);
      }),
      { numRuns: 25 },
    );
  });
});

const TRACES = fileURLToPath(new URL('../../../../shared/data/traces/', import.meta.url));

/** Requests in each second, of a file whose lines begin with a time: a date, or seconds. */
function secondsOf(file: string): number[] {
  const lines = readFileSync(`${TRACES}${file}`, 'utf8').trim().split('\n').slice(1);
  const times = lines.map((line) => {
    const [time = ''] = line.split(',');
    const date = Date.parse(`${time.slice(0, 19).replace(' ', 'T')}Z`);
    return Number.isNaN(date) || !time.includes('-') ? Number(time) : Math.floor(date / 1000);
  });
  const first = times[0] as number;
  const counts: number[] = [];
  for (const time of times) counts[time - first] = (counts[time - first] ?? 0) + 1;
  return Array.from(counts, (count) => count ?? 0);
}

function column(file: string, from: number, length: number): number[] {
  const lines = readFileSync(`${TRACES}${file}`, 'utf8').trim().split('\n').slice(1);
  return lines.slice(from, from + length).map((line) => Number(line.split(',')[1]));
}

describe.runIf(existsSync(TRACES))('hours of real traffic', () => {
  // Tasks that carry less than those of a service, as these traces are small.
  const small = { ...IO_TERMS, taskRate: 3, taskUsdPerSecond: IO_TERMS.taskUsdPerSecond / 5 };

  it.each([
    ['of a language model: code', 'AzureLLMInferenceTrace_code_2023.csv', 600],
    ['of a language model: conversation', 'AzureLLMInferenceTrace_conv_2023.csv', 600],
    ['of a web site', 'nasa_1995-08-01_requests_by_route.csv', 40_000],
  ])('%s, by the second', async (_, file, from) => {
    const rates = secondsOf(file).slice(from, from + 1800);
    expect(rates.length).toBe(1800);
    await check(rates, { ...small, taskRate: 1, taskUsdPerSecond: small.taskUsdPerSecond / 3 });
    await check(rates.slice(0, 900), small);
  });

  it('of a web site, by the minute', async () => {
    const counts = column('wc98_1min.csv', 60_000, 30);
    const rates = eachSecond(counts, 60);
    const terms = { ...IO_TERMS, taskRate: 15 };
    const { lowerUsd, upperUsd } = optimumOf(demandOf(counts, 60), terms);
    const exact = await exactOptimum(rates, terms, minimumRunSeconds(terms), 'linear');
    expect(Math.abs(exact.usd - lowerUsd)).toBeLessThanOrEqual(NEAR * lowerUsd);
    expect(upperUsd).toBe(lowerUsd);
  });
});
