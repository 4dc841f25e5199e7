// What tests of placement policies share: round terms to work with by hand, and a small fluid world
// in which tasks take their time to start.

import { seededRng } from '../../src/base/rng.ts';
import type {
  Foresight,
  PlacementPolicy,
  PlacementSeen,
  PlacementTerms,
} from '../../src/scaling/placement.ts';

/** A task costs 2 a second and carries 10 requests of 1 each: it pays when a fifth of it is used. */
export const ROUND: PlacementTerms = {
  taskUsdPerSecond: 2,
  lambdaUsdPerRequest: 1,
  taskRate: 10,
  taskSeconds: 0.1,
  startSeconds: 35,
  billedStartSeconds: 25,
  drainSeconds: 5,
  minimumSeconds: 60,
  minTasks: 0,
  maxTasks: 50,
  thresholdSeconds: 60,
};

export function seenOf(seen: Partial<PlacementSeen>): PlacementSeen {
  return {
    span: 1,
    requests: 0,
    concurrency: 0,
    ready: 0,
    starting: 0,
    utilization: Number.NaN,
    ...seen,
  };
}

export function begin<memory>(
  policy: PlacementPolicy<memory>,
  terms: PlacementTerms,
  foresight?: Foresight,
): memory {
  return policy.start(0, terms, seededRng(1, policy.name), foresight);
}

/** Second after second, what is seen is the same for so long; gives what was wanted at the end. */
export function stay<memory>(
  policy: PlacementPolicy<memory>,
  memory: memory,
  terms: PlacementTerms,
  seconds: number,
  seen: Partial<PlacementSeen>,
): number {
  let wanted = Number.NaN;
  for (let second = 0; second < seconds; second += 1) {
    wanted = policy.decide(memory, seenOf(seen), terms, second);
  }
  return wanted;
}

/** Tasks that start, run and stop, as a policy wants them. */
export class SmallWorld {
  readonly #terms: PlacementTerms;
  #now = 0;
  #ready: number;
  readonly #starting: number[] = [];

  constructor(terms: PlacementTerms) {
    this.#terms = terms;
    this.#ready = terms.minTasks;
  }

  get now(): number {
    return this.#now;
  }

  /** What is seen after a time with so many requests a second, of which tasks were offered some. */
  see(rate: number, span: number, offered: number): PlacementSeen {
    this.#now += span;
    while ((this.#starting[0] ?? Number.POSITIVE_INFINITY) <= this.#now) {
      this.#starting.shift();
      this.#ready += 1;
    }
    const capacity = this.#ready * this.#terms.taskRate;
    return {
      span,
      requests: rate * span,
      concurrency: rate * this.#terms.taskSeconds,
      ready: this.#ready,
      starting: this.#starting.length,
      utilization: capacity > 0 ? Math.min(1, Math.min(rate, offered) / capacity) : Number.NaN,
    };
  }

  want(tasks: number): void {
    while (this.#ready + this.#starting.length < tasks) {
      this.#starting.push(this.#now + this.#terms.startSeconds);
    }
    while (this.#ready + this.#starting.length > tasks) {
      if (this.#starting.pop() === undefined) this.#ready -= 1;
    }
  }
}
