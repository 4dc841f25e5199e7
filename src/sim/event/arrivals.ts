// When each request comes: out of counts in equal steps, or as a file says for each.
//
// Arrivals are read once, from the beginning to the end. For another policy they are made anew with
// the same stream of chance, and are the same.

import type { Rng } from '../../base/ports.ts';
import type { Demand } from '../demand.ts';
import { exponential } from './chance.ts';

export interface Arrivals {
  /** For people. */
  readonly name: string;
  /** When the next one comes, seconds from the beginning, never before the last one. Infinity: none. */
  next(): number;
  /** ms that the one that `next` gave takes on Lambda when it is warm; NaN: chance says. */
  readonly durationMs: number;
  /** Part of the whole that is read, from 0 to 1. */
  part(): number;
  /** Length of all, seconds, without the gaps. Right once `next` gave Infinity. */
  readonly end: number;
}

/**
 * How the requests of a step lie in it.
 * - `random`: as many as the step says, anywhere in it: a Poisson process of which the counts are
 *   known. What is over one request is carried into the next step. The default.
 * - `poisson`: the counts are means, and how many come is chance too.
 * - `even`: at equal distances.
 */
export type Spacing = 'random' | 'poisson' | 'even';

export function arrivalsOf(demand: Demand, rng: Rng, spacing: Spacing = 'random'): Arrivals {
  return spacing === 'random'
    ? new RandomArrivals(demand, rng)
    : new FlowArrivals(demand, rng, spacing);
}

export interface ExactArrival {
  /** Seconds from the beginning; not before the last one. */
  readonly at: number;
  /** ms on Lambda when it is warm; left out: chance says. */
  readonly durationMs?: number;
}

/** Each at the time that the source gives. `end`, seconds, is when there is no more. */
export function exactArrivals(
  name: string,
  requests: readonly ExactArrival[],
  end = requests.at(-1)?.at ?? 0,
): Arrivals {
  let index = -1;
  return {
    name,
    next() {
      index += 1;
      return requests[index]?.at ?? Number.POSITIVE_INFINITY;
    },
    get durationMs() {
      return requests[index]?.durationMs ?? Number.NaN;
    },
    part: () => (requests.length === 0 ? 1 : Math.min(1, (index + 1) / requests.length)),
    end,
  };
}

/** Walks through the steps of a demand and leaves out the gaps, which are no time at all. */
class Steps {
  readonly name: string;
  readonly durationMs = Number.NaN;
  /** Seconds until the beginning of the step, and its length. */
  protected begin = 0;
  protected readonly length: number;
  /** Requests in it. */
  protected count = 0;

  readonly #chunks: Iterator<{ readonly counts: Float64Array; readonly length: number }>;
  readonly #steps: number;
  #counts = new Float64Array(0);
  #size = 0;
  #at = 0;
  /** Steps begun, gaps among them. */
  #read = 0;
  #any = false;

  constructor(demand: Demand) {
    this.name = demand.name;
    this.length = demand.stepSeconds;
    this.#steps = demand.steps;
    this.#chunks = demand.chunks()[Symbol.iterator]();
  }

  get end(): number {
    return this.begin;
  }

  part(): number {
    return this.#steps === 0 ? 1 : Math.min(1, this.#read / this.#steps);
  }

  /** Goes to the next step that is known; false when there is none. */
  protected step(): boolean {
    if (this.#any) this.begin += this.length;
    this.#any = false;
    for (;;) {
      while (this.#at === this.#size) {
        const { done, value } = this.#chunks.next();
        if (done === true) return false;
        this.#counts = value.counts as Float64Array<ArrayBuffer>;
        this.#size = value.length;
        this.#at = 0;
      }
      this.count = this.#counts[this.#at] as number;
      this.#at += 1;
      this.#read += 1;
      if (Number.isNaN(this.count)) continue;
      this.#any = true;
      return true;
    }
  }
}

class RandomArrivals extends Steps implements Arrivals {
  readonly #rng: Rng;
  /** Still to come in this step. */
  #left = 0;
  /** Where the last one was in the step, from 0 to 1. */
  #place = 0;
  /** Parts of a request that are still owed. */
  #owed = 0;

  constructor(demand: Demand, rng: Rng) {
    super(demand);
    this.#rng = rng;
  }

  next(): number {
    while (this.#left === 0) {
      if (!this.step()) return Number.POSITIVE_INFINITY;
      this.#owed += this.count;
      // A sum of tenths is a hair below the whole number that it should be.
      this.#left = Math.floor(this.#owed + 1e-9);
      this.#owed -= this.#left;
      this.#place = 0;
    }
    // The first of n that lie anywhere: nothing has to be sorted or kept.
    const even = this.#rng.next();
    const first = this.#left === 1 ? even : 1 - (1 - even) ** (1 / this.#left);
    this.#place += (1 - this.#place) * first;
    this.#left -= 1;
    return this.begin + this.#place * this.length;
  }
}

/** Goes along the requests as along a line, by 1 or by an exponential number at a time. */
class FlowArrivals extends Steps implements Arrivals {
  readonly #rng: Rng | undefined;
  /** Of the step, still to be gone along. */
  #left = 0;
  #way: number;

  constructor(demand: Demand, rng: Rng, spacing: 'poisson' | 'even') {
    super(demand);
    this.#rng = spacing === 'poisson' ? rng : undefined;
    // Even ones stand in the middle of what is theirs.
    this.#way = this.#rng === undefined ? 0.5 : exponential(this.#rng);
  }

  next(): number {
    while (this.#way >= this.#left) {
      this.#way -= this.#left;
      this.#left = 0;
      if (!this.step()) return Number.POSITIVE_INFINITY;
      this.#left = this.count;
    }
    this.#left -= this.#way;
    this.#way = this.#rng === undefined ? 1 : exponential(this.#rng);
    return this.begin + (1 - this.#left / this.count) * this.length;
  }
}
