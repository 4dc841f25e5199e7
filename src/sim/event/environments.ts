// The environments of Lambda: which are idle, for how long, and how many may be made.
//
// The most recently used one takes the next request, as AWS does for most. One that ends while it is
// idle is noticed when it would be taken: who is below it in the pile is older, and nothing else
// depends on it. So the pile never holds more than there ever were requests at a time.
//
// Invariants
//   E1. Busy environments never exceed the concurrency of the account.
//   E2. Over any interval of t seconds at most n + n·t/10 are made, n being `scalingPer10s`.
//   E3. An environment that was idle for longer than its time is never used again.

import type { Rng } from '../../base/ports.ts';
import type { SimProfile } from '../profile.ts';

const SCALING_SECONDS = 10;
const FIRST_CAPACITY = 64;

export class Environments {
  busy = 0;
  /** Made so far: each is a cold start. */
  started = 0;
  /** Seconds that environments were there, of those that have ended. */
  aliveSeconds = 0;

  readonly #rng: Rng;
  readonly #least: number;
  readonly #range: number;
  readonly #concurrency: number;
  readonly #burst: number;
  #tokens: number;
  #tokensAt = 0;
  /** By number. */
  #startedAt = new Float64Array(FIRST_CAPACITY);
  #endsAt = new Float64Array(FIRST_CAPACITY);
  #isIdle = new Uint8Array(FIRST_CAPACITY);
  #known = 0;
  /** Numbers of idle ones, the most recent last; and numbers that can be given again. */
  #pile = new Int32Array(FIRST_CAPACITY);
  #piled = 0;
  readonly #free: number[] = [];

  constructor({ lambda }: SimProfile, idle: Rng) {
    this.#rng = idle;
    this.#least = lambda.idleSeconds[0];
    this.#range = lambda.idleSeconds[1] - lambda.idleSeconds[0];
    this.#concurrency = lambda.accountConcurrency;
    this.#burst = lambda.scalingPer10s;
    this.#tokens = this.#burst;
  }

  get atLimit(): boolean {
    return this.busy >= this.#concurrency;
  }

  /** The number of an idle one that is now busy; -1: there is none. Seconds. */
  take(now: number): number {
    while (this.#piled > 0) {
      this.#piled -= 1;
      const number = this.#pile[this.#piled] as number;
      this.#isIdle[number] = 0;
      const endsAt = this.#endsAt[number] as number;
      if (endsAt >= now) {
        this.busy += 1;
        return number;
      }
      this.aliveSeconds += endsAt - (this.#startedAt[number] as number);
      this.#free.push(number);
    }
    return -1;
  }

  /** The number of a new one that is busy; -1: it may not be made yet. */
  make(now: number): number {
    const earned = ((now - this.#tokensAt) * this.#burst) / SCALING_SECONDS;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#tokensAt = now;
    if (this.#tokens < 1) return -1;
    this.#tokens -= 1;
    const number = this.#free.pop() ?? this.#newNumber();
    this.#startedAt[number] = now;
    this.started += 1;
    this.busy += 1;
    return number;
  }

  giveBack(number: number, now: number): void {
    this.busy -= 1;
    this.#endsAt[number] = now + this.#least + this.#range * this.#rng.next();
    this.#isIdle[number] = 1;
    this.#pile[this.#piled] = number;
    this.#piled += 1;
  }

  /** Counts the time of those that are still there, until `now`. What comes later is not counted. */
  close(now: number): void {
    const free = new Set(this.#free);
    for (let number = 0; number < this.#known; number += 1) {
      if (free.has(number)) continue;
      const end = this.#isIdle[number] === 1 ? (this.#endsAt[number] as number) : now;
      this.aliveSeconds += Math.min(end, now) - (this.#startedAt[number] as number);
    }
  }

  #newNumber(): number {
    if (this.#known === this.#pile.length) this.#grow();
    this.#known += 1;
    return this.#known - 1;
  }

  #grow(): void {
    const capacity = 2 * this.#pile.length;
    const startedAt = new Float64Array(capacity);
    const endsAt = new Float64Array(capacity);
    const isIdle = new Uint8Array(capacity);
    const pile = new Int32Array(capacity);
    startedAt.set(this.#startedAt);
    endsAt.set(this.#endsAt);
    isIdle.set(this.#isIdle);
    pile.set(this.#pile);
    this.#startedAt = startedAt;
    this.#endsAt = endsAt;
    this.#isIdle = isIdle;
    this.#pile = pile;
  }
}
