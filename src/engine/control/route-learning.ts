// What was learned of one route of a service that is on both computes: how often it is asked, how long
// its requests take on each, and what Lambda bills for one.

import type { Millis } from '../../base/units.ts';
import type { RouteRank } from '../../routing/route-rank.ts';
import { startTimes } from '../../routing/service-times.ts';

/** A mean follows what comes with at least this part of the difference, so that it can still change. */
const MEAN_OVER = 64;

/** The rate of a route is averaged over about so many seconds. */
const RATE_SECONDS = 10;

export class RunningMean {
  #mean = 0;
  #count = 0;

  add(value: number): void {
    this.#count = Math.min(this.#count + 1, MEAN_OVER);
    this.#mean += (value - this.#mean) / this.#count;
  }

  /** Undefined before the first. */
  get value(): number | undefined {
    return this.#count === 0 ? undefined : this.#mean;
  }
}

export const UNRANKED: RouteRank = { place: 1, usdPerSlotSecond: undefined, reserve: 0 };

export class RouteLearning {
  /** Priority of the route. */
  readonly route: number;
  readonly onTask = startTimes();
  readonly onLambda = startTimes();
  readonly taskMs = new RunningMean();
  /** Billed, of requests that found a warm environment. */
  readonly lambdaMs = new RunningMean();
  rank: RouteRank = UNRANKED;
  #came = 0;
  #rate = 0;

  constructor(route: number) {
    this.route = route;
  }

  came(): void {
    this.#came += 1;
  }

  /** Requests a second. */
  get rate(): number {
    return this.#rate;
  }

  tick(spanMs: Millis): void {
    if (spanMs <= 0) return;
    const seconds = spanMs / 1000;
    this.#rate += (this.#came / seconds - this.#rate) * (1 - Math.exp(-seconds / RATE_SECONDS));
    this.#came = 0;
  }
}
