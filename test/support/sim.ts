// Demand, profiles and policies of which the right answer is known, for tests of the simulators.

import type { PlacementPolicy } from '../../src/scaling/placement.ts';
import type { Demand, DemandChunk } from '../../src/sim/demand.ts';
import type { SimProfile } from '../../src/sim/profile.ts';

/** NaN is a gap. */
export function demandOf(
  counts: readonly number[],
  stepSeconds = 1,
  chunkSteps: number = counts.length,
): Demand {
  return {
    ...{ name: 'test', stepSeconds, steps: counts.length },
    *chunks(): Generator<DemandChunk> {
      const chunk = new Float64Array(chunkSteps);
      for (let from = 0; from < counts.length; from += chunkSteps) {
        const part = counts.slice(from, from + chunkSteps);
        chunk.set(part);
        yield { counts: chunk, length: part.length };
      }
    },
  };
}

type Parts = {
  readonly lambda?: Partial<SimProfile['lambda']>;
  readonly fargate?: Partial<SimProfile['fargate']>;
  readonly targetMs?: number;
  readonly thresholdSeconds?: number;
};

/** 512 MiB and 100 ms beside 0.25 vCPU that carries 15 requests a second; no chance in it, and INIT free. */
export function profileOf({ lambda, fargate, ...others }: Parts = {}): SimProfile {
  const always = (medianMs: number) => ({ medianMs, sigma: 0 });
  return {
    ...{ region: 'us-east-1', architecture: 'x86_64', targetMs: 500, thresholdSeconds: 60 },
    ...others,
    lambda: {
      ...{ memoryMiB: 512, duration: always(100), init: always(0), coldExtra: always(0) },
      ...{ idleSeconds: [300, 660], accountConcurrency: 1000, scalingPer10s: 1000 },
      ...{ usdPerGbSecond: 0.0000166667, usdPerRequest: 0.0000002 },
      ...lambda,
    },
    fargate: {
      ...{ vcpu: 0.25, memoryGiB: 0.5, duration: always(100), concurrency: 10, taskRate: 15 },
      ...{ startSeconds: 35, startSigma: 0, billedStartSeconds: 25, drainSeconds: 0 },
      ...{ minimumSeconds: 60, taskUsdPerSecond: 0.0000034279, minTasks: 0, maxTasks: 1000 },
      ...fargate,
    },
  };
}

/** Wants what `wanted` says of each second. */
export function policyOf(
  wanted: (now: number, requests: number) => number,
  { overflow = true, name = 'test' }: { overflow?: boolean; name?: string } = {},
): PlacementPolicy<null> {
  return {
    ...{ name, overflow, says: '', source: '', needsForesight: false },
    start: () => null,
    decide: (_memory, { requests }, _terms, now) => wanted(now, requests),
    why: () => ({ text: '', figures: {} }),
  };
}

export const ALL_LAMBDA = policyOf(() => 0, { name: 'all lambda' });
export const fixed = (tasks: number, overflow = true) => policyOf(() => tasks, { overflow });
