// What a placement policy is: once a tick it sees what came, and says how many tasks there should be
// and what they may be offered. Lambda takes the rest. Policies are siblings; the engine, the
// simulator and the AWS controller call the same ones.
//
// A policy keeps what it remembers in a plain object (numbers, arrays, typed arrays) that the caller
// holds: a copy of it goes on exactly as the original does. `decide` writes to it in place, as it is
// called a billion times in a simulation.

import type { Rng } from '../base/ports.ts';

/** What is known of a service: prices, capacity, delays. What is learned changes between ticks. */
export interface PlacementTerms {
  /** USD that a task costs for each second it is billed: vCPU, memory, public address. p. */
  readonly taskUsdPerSecond: number;
  /** USD that Lambda takes for one request, on the average. g. */
  readonly lambdaUsdPerRequest: number;
  /** Requests a second that one task carries within the latency target. μ. */
  readonly taskRate: number;
  /** Mean time that a request takes on a task, seconds. */
  readonly taskSeconds: number;
  /** From the decision until a task takes requests, seconds. d. */
  readonly startSeconds: number;
  /** Part of `startSeconds`, at its end, that is billed. d_b. */
  readonly billedStartSeconds: number;
  /** Billed after a task took its last request, seconds. */
  readonly drainSeconds: number;
  /** A task is billed for this long at least, seconds. Fargate: 60. */
  readonly minimumSeconds: number;
  readonly minTasks: number;
  readonly maxTasks: number;
  /** Savings, in seconds of the price of a task, at which the level counter acts. θ/p. Default 60. */
  readonly thresholdSeconds: number;
}

/** What happened since the last tick. Written anew by the caller for each one; not to be kept. */
export interface PlacementSeen {
  /** Seconds since the last tick: what follows stands for so long. */
  span: number;
  /** Requests that came, of those that both computes may serve. */
  requests: number;
  /** Mean of those in flight. */
  concurrency: number;
  /** Tasks that take requests. */
  ready: number;
  /** Tasks that do not take requests yet. */
  starting: number;
  /** Part of the capacity of the ready tasks that was used, from 0 to 1; NaN without one. */
  utilization: number;
}

/** What only a simulation knows before it begins. */
export interface Foresight {
  /** Requests in the busiest second (or interval, per second). */
  readonly peakRate: number;
  /** Tasks of the cheapest fleet that never changes, with Lambda for what it cannot carry. */
  readonly bestStatic: number;
}

/** Why the last decision is as it is. */
export interface PlacementReason {
  /** A clause for people: "3 tasks pay: 41 requests/s, the third saves $0.12 an hour". */
  readonly text: string;
  /** The figures that it rests on, by name. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface PlacementPolicy<memory = unknown> {
  readonly name: string;
  /** One line for people. */
  readonly says: string;
  /** Where it comes from. */
  readonly source: string;
  /** Requests beyond the capacity of the tasks go to Lambda; else they wait for a task. */
  readonly overflow: boolean;
  /** Only a simulation can run it. */
  readonly needsForesight: boolean;
  /** What it remembers before it has seen anything, at `now` in seconds. */
  start(now: number, terms: PlacementTerms, rng: Rng, foresight?: Foresight): memory;
  /** Tasks wanted, within `minTasks` and `maxTasks`. `now` in seconds, from any origin. */
  decide(memory: memory, seen: PlacementSeen, terms: PlacementTerms, now: number): number;
  /**
   * Requests a second that Fargate may be offered until the next tick; Infinity is as many as it can
   * carry. Left out: Infinity. Lambda takes what it is not offered, also without `overflow`.
   */
  offered?(memory: memory, terms: PlacementTerms): number;
  /** Of the last decision. Not called for each, as sentences are dear. */
  why(memory: memory, terms: PlacementTerms): PlacementReason;
}
