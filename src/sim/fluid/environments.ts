// The Lambda environments of a function, as numbers: how many start cold, and what is refused.
//
// Requests of a second need as many environments as are busy at a time. Those are drawn: a request
// that comes finds a number of others in flight that is Poisson of mean rate × duration [Poisson
// arrivals see time averages], normal from 12 on; the most of a second is that of as many draws as
// there are requests, or durations that fit in it. The busiest environment is used first, so one is
// idle as long as no second needed so many. It has ended then with a chance that is even between the
// two ends of `idleSeconds`; what is new is that chance of each, so cold starts are fractions.

import type { Rng } from '../../base/ports.ts';
import type { SimProfile } from '../profile.ts';
import { poissonOf } from './normal.ts';

/** A function may start so many new environments in a time of so many seconds. */
const SCALING_SECONDS = 10;

export class Environments {
  /** Of the last second: environments that started, and requests that found none. */
  cold = 0;
  refused = 0;
  readonly #lambda: SimProfile['lambda'];
  readonly #seconds: number;
  readonly #rng: Rng;
  /** Environments up to a number, and when they were busy last: fewer and later towards the end. */
  readonly #counts: number[] = [];
  readonly #usedAt: number[] = [];
  /** New environments that may start, up to `scalingPer10s`. */
  #startable: number;
  #startableAt = 0;

  /** `seconds`: mean time that a request keeps one busy. */
  constructor(lambda: SimProfile['lambda'], seconds: number, rng: Rng) {
    this.#lambda = lambda;
    this.#seconds = seconds;
    this.#rng = rng;
    this.#startable = lambda.scalingPer10s;
  }

  /** `requests` above 0 come in the `span` seconds from `now`. */
  serve(requests: number, now: number, span: number): void {
    const { accountConcurrency, scalingPer10s } = this.#lambda;
    this.cold = 0;
    const refill = ((now - this.#startableAt) * scalingPer10s) / SCALING_SECONDS;
    this.#startable = Math.min(scalingPer10s, this.#startable + refill);
    this.#startableAt = now;
    const mean = (requests / span) * this.#seconds;
    const need = Math.min(this.#need(requests, mean, span), accountConcurrency);
    const had = need === 0 ? 0 : this.#take(need, now);
    const limit = Math.min(accountConcurrency, had < need ? had : Number.POSITIVE_INFINITY);
    this.refused = mean > limit ? requests * (1 - limit / mean) : 0;
  }

  #need(requests: number, mean: number, span: number): number {
    const drawn = this.#rng.next();
    // Above 40 one always comes.
    const none = requests > 40 ? 0 : Math.exp(-requests);
    if (drawn < none) return 0;
    const looks = Math.max(1, Math.min(requests, span / this.#seconds));
    const rank = none === 0 ? drawn : (drawn - none) / (1 - none);
    return 1 + poissonOf(mean, looks === 1 ? rank : rank ** (1 / looks));
  }

  /** Environments that serve, of `need`. Fewer when no more may start. */
  #take(need: number, now: number): number {
    const counts = this.#counts;
    const usedAt = this.#usedAt;
    let low = 0;
    let cold = 0;
    let had = need;
    while (low < need) {
      const last = counts.length - 1;
      const top = last < 0 ? Number.POSITIVE_INFINITY : (counts[last] as number);
      const ended = last < 0 ? 1 : this.#ended(now - (usedAt[last] as number));
      const upTo = Math.min(top, need);
      const fresh = (upTo - low) * ended;
      if (cold + fresh > this.#startable) {
        had = low + Math.floor((this.#startable - cold) / ended);
        cold += (had - low) * ended;
        break;
      }
      cold += fresh;
      low = upTo;
      if (top <= need && last >= 0) {
        counts.pop();
        usedAt.pop();
      }
    }
    if (had > 0) {
      counts.push(had);
      usedAt.push(now);
    }
    this.cold = cold;
    this.#startable -= cold;
    return had;
  }

  /** The chance that an environment that was idle so long has ended. */
  #ended(idle: number): number {
    const [least, most] = this.#lambda.idleSeconds;
    if (idle < least) return 0;
    return idle >= most ? 1 : (idle - least) / (most - least);
  }
}
