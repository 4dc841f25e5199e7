// The dynamic programmes of the optimum as they stand in the design: every level, every second, two
// numbers. Slow, and what the fast ones are held to.

import type { PlacementTerms } from '../../src/scaling/placement.ts';

/** 0.25 vCPU and 0.5 GiB against 512 MiB for 100 ms, 15 requests a second: α = 0.22. */
export const IO_TERMS: PlacementTerms = {
  taskUsdPerSecond: 0.0123425 / 3600,
  lambdaUsdPerRequest: 0.5 * 0.1 * 1.66667e-5 + 2e-7,
  taskRate: 15,
  taskSeconds: 0.1,
  startSeconds: 35,
  billedStartSeconds: 25,
  drainSeconds: 0,
  minimumSeconds: 60,
  minTasks: 0,
  maxTasks: Number.POSITIVE_INFINITY,
  thresholdSeconds: 60,
};

/** Requests that come in each second, without gaps. */
export function eachSecond(counts: readonly number[], stepSeconds: number): number[] {
  return counts
    .filter((count) => !Number.isNaN(count))
    .flatMap((count) => Array.from({ length: stepSeconds }, () => count / stepSeconds));
}

function levelsOf(rates: readonly number[], { taskRate, maxTasks }: PlacementTerms): number {
  const peak = rates.reduce((most, rate) => Math.max(most, rate), 0);
  return Math.min(maxTasks, Math.ceil(peak / taskRate) + 1);
}

/** USD of what no task may serve, and of those that are always there. */
function fixedUsd(rates: readonly number[], terms: PlacementTerms): number {
  const { taskRate, maxTasks, minTasks, lambdaUsdPerRequest, taskUsdPerSecond } = terms;
  const beyond = rates.reduce(
    (sum, rate) => sum + (maxTasks === Infinity ? 0 : Math.max(0, rate - maxTasks * taskRate)),
    0,
  );
  return beyond * lambdaUsdPerRequest + minTasks * taskUsdPerSecond * rates.length;
}

function demandOfLevel(rate: number, level: number, { taskRate }: PlacementTerms): number {
  return Math.min(Math.max(rate - level * taskRate, 0), taskRate);
}

/** W_off ← min(W_off, W_on) + g·x; W_on ← min(W_on, W_off + β) + p. */
export function plainLower(rates: readonly number[], terms: PlacementTerms): number {
  const { taskUsdPerSecond: p, lambdaUsdPerRequest: g } = terms;
  const start = p * (terms.billedStartSeconds + terms.drainSeconds);
  let usd = fixedUsd(rates, terms);
  for (let level = terms.minTasks; level < levelsOf(rates, terms); level += 1) {
    let off = 0;
    let on = Number.POSITIVE_INFINITY;
    for (const rate of rates) {
      const nextOn = Math.min(on, off + start) + p;
      off = Math.min(off, on) + g * demandOfLevel(rate, level, terms);
      on = nextOn;
    }
    usd += Math.min(off, on);
  }
  return usd;
}

/** The same with runs of `run` seconds at least: W_on ← min(W_on + p, W_off[run ago] + β + p·run). */
export function plainUpper(rates: readonly number[], terms: PlacementTerms, run: number): number {
  const { taskUsdPerSecond: p, lambdaUsdPerRequest: g } = terms;
  const start = p * (terms.billedStartSeconds + terms.drainSeconds);
  let usd = fixedUsd(rates, terms);
  for (let level = terms.minTasks; level < levelsOf(rates, terms); level += 1) {
    const off = [0];
    let on = Number.POSITIVE_INFINITY;
    rates.forEach((rate, second) => {
      const ago = off[Math.max(0, second + 1 - run)] as number;
      const last = off[second] as number;
      off.push(Math.min(last, on) + g * demandOfLevel(rate, level, terms));
      on = Math.min(on + p, ago + start + p * run);
    });
    usd += Math.min(off.at(-1) as number, on);
  }
  return usd;
}

/** What a schedule costs, each task billed from its start to its end with the minimum; USD. */
export function costOfSchedule(
  rates: readonly number[],
  tasks: readonly number[],
  terms: PlacementTerms,
): number {
  const { taskUsdPerSecond: p, lambdaUsdPerRequest: g, taskRate, minTasks } = terms;
  let usd = minTasks * p * rates.length;
  // Seconds at which those beyond `minTasks` began to take requests, the oldest first.
  const running: number[] = [];
  const stopOldest = (now: number): void => {
    const took = now - (running.shift() as number);
    const billed = terms.billedStartSeconds + took + terms.drainSeconds;
    usd += p * Math.max(billed, terms.minimumSeconds);
  };
  rates.forEach((rate, second) => {
    const wanted = Math.max(0, (tasks[second] as number) - minTasks);
    while (running.length < wanted) running.push(second);
    while (running.length > wanted) stopOldest(second);
    usd += g * Math.max(0, rate - (minTasks + running.length) * taskRate);
  });
  while (running.length > 0) stopOldest(rates.length);
  return usd;
}
