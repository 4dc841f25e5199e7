// How long requests wait at tasks. Each tick adds what was served to a bin of its utilisation and of
// the requests that can be served at a time; at the end each bin is a queue.
//
// With c requests served at a time by all tasks together (all balanced to one queue), τ the time of
// one, ρ = rate·τ/c: a part ρ^(√(2(c+1)) − 1) waits [Sakasegawa 1977], and those that do wait for an
// exponential time of mean (1 + v)/2 · τ/(c·(1 − ρ)), where v is the squared coefficient of variation
// of the time of service [Allen and Cunneen 1990, Poisson arrivals]. ρ is cut off at 0.99.

import type { SimProfile } from '../profile.ts';
import { meanMs } from '../profile.ts';
import { type Part, quantileMs, waitPart } from './distribution.ts';

const USE_BINS = 50;
const MOST_USE = 0.99;
/** Four to each doubling of the tasks. */
const SIZE_STEPS = 4;
const SIZES = 4 * 31;
/** Waits as long as each other within a quarter are one part. */
const GROUPING = 1.25;

export class TaskWaits {
  readonly #profile: SimProfile;
  readonly #served = new Float64Array(SIZES * USE_BINS);
  /** Use of a second in which each task takes one request a second. */
  readonly #usePerRequest: number;
  #ready = -1;
  #size = 0;

  constructor(profile: SimProfile) {
    this.#profile = profile;
    const { concurrency, taskRate, duration } = profile.fargate;
    // A task carries `taskRate` at least: that is what the word means.
    this.#usePerRequest = 1 / Math.max(taskRate, concurrency / (meanMs(duration) / 1000));
  }

  /** `requests` are served at once, of `load` above 0 that `ready` tasks serve in `span` seconds. */
  add(requests: number, load: number, ready: number, span: number): void {
    if (ready !== this.#ready) {
      this.#ready = ready;
      this.#size = Math.min(SIZES - 1, Math.round(Math.log2(ready) * SIZE_STEPS));
    }
    const use = (load / span / ready) * this.#usePerRequest;
    const bin = Math.min(USE_BINS - 1, Math.floor(use * USE_BINS));
    const at = this.#size * USE_BINS + bin;
    this.#served[at] = (this.#served[at] ?? 0) + requests;
  }

  /** `mostMs`: nobody waits longer; Infinity where nobody is sent elsewhere. */
  parts(mostMs: number): readonly Part[] {
    const groups = new Map<number, { requests: number; waiting: number; waitMs: number }>();
    for (let at = 0; at < this.#served.length; at += 1) {
      const requests = this.#served[at] ?? 0;
      if (requests === 0) continue;
      const tasks = 2 ** (Math.floor(at / USE_BINS) / SIZE_STEPS);
      const { part, waitMs } = this.#waitOf(tasks, ((at % USE_BINS) + 0.5) / USE_BINS);
      const key = Math.round(Math.log(waitMs) / Math.log(GROUPING));
      const group = groups.get(key) ?? { requests: 0, waiting: 0, waitMs: 0 };
      group.requests += requests;
      group.waiting += requests * part;
      group.waitMs += requests * waitMs;
      groups.set(key, group);
    }
    const { duration } = this.#profile.fargate;
    return [...groups.values()].map(({ requests, waiting, waitMs }) =>
      waitPart(requests, duration, {
        part: waiting / requests,
        meanMs: waitMs / requests,
        mostMs,
      }),
    );
  }

  #waitOf(tasks: number, middle: number): { readonly part: number; readonly waitMs: number } {
    const { concurrency, duration } = this.#profile.fargate;
    const use = Math.min(MOST_USE, middle);
    const servers = tasks * concurrency;
    const variation = Math.expm1(duration.sigma ** 2);
    return {
      part: use ** (Math.sqrt(2 * (servers + 1)) - 1),
      waitMs: (((1 + variation) / 2) * meanMs(duration)) / (servers * (1 - use)),
    };
  }
}

/**
 * The longest wait that a request is sent to a task for when Lambda stands by: what leaves 99 of 100
 * times of service within the latency target.
 */
export function longestWaitMs({ fargate, targetMs }: SimProfile): number {
  return Math.max(0, targetMs - quantileMs(fargate.duration, 0.99));
}
