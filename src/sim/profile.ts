// What a simulation knows of the program and of both computes. Everything here is in its report.

import { lambdaRequestUsd } from '../cost/unit-prices.ts';
import type { PlacementTerms } from '../scaling/placement.ts';

/** ms; a lognormal where `sigma` is above 0, else always the median. */
export interface Spread {
  readonly medianMs: number;
  readonly sigma: number;
}

export interface SimProfile {
  readonly region: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly lambda: {
    readonly memoryMiB: number;
    /** Of a warm request. */
    readonly duration: Spread;
    /** Billed part of a cold start: INIT of the platform and of the program. */
    readonly init: Spread;
    /** Part of a cold start that nobody bills. */
    readonly coldExtra: Spread;
    /** An idle environment ends after a time that is even between these, seconds. */
    readonly idleSeconds: readonly [least: number, most: number];
    /** Environments of the account at a time. Default 1000. */
    readonly accountConcurrency: number;
    /** New environments of a function in 10 s. Default 1000. */
    readonly scalingPer10s: number;
    readonly usdPerGbSecond: number;
    readonly usdPerRequest: number;
  };
  readonly fargate: {
    readonly vcpu: number;
    readonly memoryGiB: number;
    /** Of a request that has a task to itself. */
    readonly duration: Spread;
    /** Requests that a task serves at a time. */
    readonly concurrency: number;
    /** Requests a second that a task carries within the latency target. */
    readonly taskRate: number;
    /** From the decision until a task takes requests, and the part of it that is billed, seconds. */
    readonly startSeconds: number;
    readonly startSigma: number;
    readonly billedStartSeconds: number;
    readonly drainSeconds: number;
    readonly minimumSeconds: number;
    readonly taskUsdPerSecond: number;
    readonly minTasks: number;
    readonly maxTasks: number;
  };
  /** Latency that requests are to meet, ms. */
  readonly targetMs: number;
  readonly thresholdSeconds: number;
}

/** Mean of a spread, ms. */
export function meanMs({ medianMs, sigma }: Spread): number {
  return medianMs * Math.exp(sigma ** 2 / 2);
}

/** What the policies are told. */
export function termsOf(profile: SimProfile): PlacementTerms {
  const { lambda, fargate } = profile;
  return {
    taskUsdPerSecond: fargate.taskUsdPerSecond,
    lambdaUsdPerRequest: lambdaUsdOf(profile, meanMs(lambda.duration)),
    taskRate: fargate.taskRate,
    taskSeconds: meanMs(fargate.duration) / 1000,
    startSeconds: fargate.startSeconds,
    billedStartSeconds: fargate.billedStartSeconds,
    drainSeconds: fargate.drainSeconds,
    minimumSeconds: fargate.minimumSeconds,
    minTasks: fargate.minTasks,
    maxTasks: fargate.maxTasks,
    thresholdSeconds: profile.thresholdSeconds,
  };
}

/** USD of one request that takes so long, its fee with it. */
export function lambdaUsdOf({ lambda }: SimProfile, durationMs: number): number {
  return lambdaRequestUsd(lambda.memoryMiB, durationMs, lambda);
}

/**
 * Requests a second that cost on Lambda what a task costs: from there on it pays to have one.
 * `reachable`: it can carry them.
 */
export function breakEvenOf(profile: SimProfile) {
  const { taskUsdPerSecond, taskRate } = profile.fargate;
  const requestsPerSecond =
    taskUsdPerSecond / lambdaUsdOf(profile, meanMs(profile.lambda.duration));
  return { requestsPerSecond, reachable: requestsPerSecond <= taskRate };
}
