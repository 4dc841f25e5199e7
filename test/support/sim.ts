// Profiles and policies of which the right answer is known, for tests of the simulators.

import type { PlacementPolicy } from '../../src/scaling/placement.ts';
import type { SimProfile, Spread } from '../../src/sim/profile.ts';

export const always = (medianMs: number): Spread => ({ medianMs, sigma: 0 });

type Parts = {
  readonly lambda?: Partial<SimProfile['lambda']>;
  readonly fargate?: Partial<SimProfile['fargate']>;
  readonly targetMs?: number;
  readonly thresholdSeconds?: number;
};

/** 512 MiB and 100 ms beside 0.25 vCPU that carries 15 requests a second; no chance in it, and INIT free. */
export function profileOf({ lambda, fargate, ...others }: Parts = {}): SimProfile {
  return {
    region: 'us-east-1',
    architecture: 'x86_64',
    targetMs: 500,
    thresholdSeconds: 60,
    ...others,
    lambda: {
      memoryMiB: 512,
      duration: always(100),
      init: always(0),
      coldExtra: always(0),
      idleSeconds: [300, 660],
      accountConcurrency: 1000,
      scalingPer10s: 1000,
      usdPerGbSecond: 0.0000166667,
      usdPerRequest: 0.0000002,
      ...lambda,
    },
    fargate: {
      vcpu: 0.25,
      memoryGiB: 0.5,
      duration: always(100),
      concurrency: 10,
      taskRate: 15,
      startSeconds: 35,
      startSigma: 0,
      billedStartSeconds: 25,
      drainSeconds: 0,
      minimumSeconds: 60,
      taskUsdPerSecond: 0.0000034279,
      minTasks: 0,
      maxTasks: 1000,
      ...fargate,
    },
  };
}

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

/** Wants what `wanted` says of each second. */
export function policyOf(
  wanted: (now: number, requests: number) => number,
  { overflow = true, name = 'test' }: { overflow?: boolean; name?: string } = {},
): PlacementPolicy<null> {
  return {
    name,
    overflow,
    says: '',
    source: '',
    needsForesight: false,
    start: () => null,
    decide: (_memory, { requests }, _terms, now) => wanted(now, requests),
    why: () => ({ text: 'as planned', figures: {} }),
  };
}

export const ALL_LAMBDA = policyOf(() => 0, { name: 'all lambda' });

/** So many tasks, whatever comes. */
export const fixedTasks = (tasks: number, overflow = true) =>
  policyOf(() => tasks, { overflow, name: `${tasks} tasks` });
