// Means of equal parts of a trace, for plots. A part is of the steps of the trace, gaps among them, so
// that a plot has the time of the trace; one that is all gap is left out.

import { SECONDS_PER_HOUR } from '../../base/units.ts';
import type { SimProfile } from '../profile.ts';
import type { SeriesPoint } from '../result.ts';

/** Sums of a tick or of many. */
export interface Sums {
  demand: number;
  /** Requests that the ready tasks could have carried. */
  capacity: number;
  lambda: number;
  fargate: number;
  cold: number;
  /** Seconds of tasks that are paid for. */
  taskSeconds: number;
}

export const noSums = (): Sums => ({
  demand: 0,
  capacity: 0,
  lambda: 0,
  fargate: 0,
  cold: 0,
  taskSeconds: 0,
});

export function addSums(to: Sums, more: Sums): void {
  to.demand += more.demand;
  to.capacity += more.capacity;
  to.lambda += more.lambda;
  to.fargate += more.fargate;
  to.cold += more.cold;
  to.taskSeconds += more.taskSeconds;
}

/** What a request, a cold start and a second of a task cost, USD. */
export interface Prices {
  readonly request: number;
  readonly cold: number;
  readonly taskSecond: number;
}

export interface PartOfTime {
  /** Seconds since the beginning of the trace, of its middle. */
  readonly at: number;
  /** Seconds of it that are no gap; above 0. */
  readonly seconds: number;
}

export function pointOf(sums: Sums, { at, seconds }: PartOfTime, prices: Prices): SeriesPoint {
  const lambdaUsd = sums.lambda * prices.request + sums.cold * prices.cold;
  const perHour = SECONDS_PER_HOUR / seconds;
  return {
    at,
    demandRate: sums.demand / seconds,
    capacityRate: sums.capacity / seconds,
    lambdaRate: sums.lambda / seconds,
    fargateRate: sums.fargate / seconds,
    lambdaUsdPerHour: lambdaUsd * perHour,
    fargateUsdPerHour: sums.taskSeconds * prices.taskSecond * perHour,
  };
}

/** Of INIT, which is billed since August 2025, and of requests. */
export function pricesOf(profile: SimProfile, requestUsd: number, initMs: number): Prices {
  const { memoryMiB, usdPerGbSecond } = profile.lambda;
  return {
    request: requestUsd,
    cold: (memoryMiB / 1024) * (initMs / 1000) * usdPerGbSecond,
    taskSecond: profile.fargate.taskUsdPerSecond,
  };
}
