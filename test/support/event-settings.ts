// A program and policies for simulations of single requests.

import type { PlacementPolicy } from '../../src/scaling/placement.ts';
import type { Demand } from '../../src/sim/demand.ts';
import type { SimProfile, Spread } from '../../src/sim/profile.ts';

export const always = (medianMs: number): Spread => ({ medianMs, sigma: 0 });

/** 100 ms, nothing random, nothing limited, tasks that start at once. */
export function eventProfile(
  lambda: Partial<SimProfile['lambda']> = {},
  fargate: Partial<SimProfile['fargate']> = {},
  more: Partial<SimProfile> = {},
): SimProfile {
  return {
    region: 'us-east-1',
    architecture: 'x86_64',
    lambda: {
      memoryMiB: 512,
      duration: always(100),
      init: always(145),
      coldExtra: always(150),
      idleSeconds: [300, 660],
      accountConcurrency: 1e6,
      scalingPer10s: 1e6,
      usdPerGbSecond: 1.66667e-5,
      usdPerRequest: 2e-7,
      ...lambda,
    },
    fargate: {
      vcpu: 0.25,
      memoryGiB: 0.5,
      duration: always(100),
      concurrency: 4,
      taskRate: Number.POSITIVE_INFINITY,
      startSeconds: 0,
      startSigma: 0,
      billedStartSeconds: 0,
      drainSeconds: 10,
      minimumSeconds: 60,
      taskUsdPerSecond: 0.01234 / 3600,
      minTasks: 0,
      maxTasks: 1000,
      ...fargate,
    },
    targetMs: 1000,
    thresholdSeconds: 60,
    ...more,
  };
}

/** So many tasks, whatever comes. */
export function fixedTasks(tasks: number, overflow = true): PlacementPolicy {
  return {
    name: `${tasks} tasks`,
    says: 'the same number of tasks all the time',
    source: 'a test',
    overflow,
    needsForesight: false,
    start: () => undefined,
    decide: () => tasks,
    why: () => ({ text: 'always', figures: { tasks } }),
  };
}

/** As many tasks as a function of the seconds says. */
export function plannedTasks(tasks: (now: number) => number, overflow = true): PlacementPolicy {
  return {
    ...fixedTasks(0, overflow),
    name: 'planned',
    decide: (_memory, _seen, _terms, now) => tasks(now),
  };
}

/** So many requests in each step. */
export function demandOf(counts: ArrayLike<number>, stepSeconds = 1, perChunk = 1000): Demand {
  const all = Float64Array.from(counts);
  return {
    name: 'counts of a test',
    stepSeconds,
    steps: all.length,
    *chunks() {
      for (let at = 0; at < all.length; at += perChunk) {
        const part = all.subarray(at, at + perChunk);
        yield { counts: part, length: part.length };
      }
    },
  };
}

/** The same number in each of so many steps; nothing is kept, however many those are. */
export function constantDemand(perStep: number, steps: number, stepSeconds = 1): Demand {
  return {
    name: `${perStep} in each step`,
    stepSeconds,
    steps,
    *chunks() {
      const counts = new Float64Array(1000).fill(perStep);
      for (let at = 0; at < steps; at += counts.length) {
        yield { counts, length: Math.min(counts.length, steps - at) };
      }
    },
  };
}
