// The Lambda environments of a function, as numbers: how many start cold, and what is refused.
//
// Requests of a second need as many environments as are busy at a time. Those are drawn: a request
// that comes finds others in flight, of its own second and of those before, whose number is Poisson
// [arrivals see time averages], normal from 12 on; the most of a second is that of as many draws as
// there are requests, or durations that fit in it. The busiest environment is used first, so one is
// idle as long as no second needed so many. It has ended then with a chance that is even between the
// two ends of `idleSeconds`; what is new is that chance of each, so cold starts are fractions.
//
// N1. In a second whose requests were counted, one finds the others of it and not itself: of n - 1
//     others, each at any time of it, a part σ - σ²(1 - e^(-1/σ)) is in flight, where σ is the duration
//     over the second. A count has the chance of arrivals in it already, so n is taken as it is.
// N2. What tasks leave comes at the end of the second, when they have had theirs, as fast as all of it.
// N3. Where more come, on the average, than there are warm environments for, an environment is started
//     for each request that is too many until the first new ones are ready: by so much more as a cold
//     start takes longer than a request. That is what a jump of the demand costs.

import type { Rng } from '../../base/ports.ts';
import { meanMs, type SimProfile } from '../profile.ts';
import { poissonOf } from './normal.ts';

/** Requests of a second. */
export interface Came {
  /** To Lambda; above 0. */
  requests: number;
  /** To Lambda and to the tasks. */
  all: number;
  /** So many came in this very second; else it is the mean of a longer time. */
  counted: boolean;
}

/** A function may start so many new environments in a time of so many seconds. */
const SCALING_SECONDS = 10;

export class Environments {
  /** Of the last second: environments that started, and requests that found none. */
  cold = 0;
  refused = 0;
  readonly #lambda: SimProfile['lambda'];
  readonly #seconds: number;
  readonly #coldSeconds: number;
  readonly #rng: Rng;
  /** Environments up to a number, and when they were busy last: fewer and later towards the end. */
  readonly #counts: number[] = [];
  readonly #usedAt: number[] = [];
  /** New environments that may start, up to `scalingPer10s`. */
  #startable: number;
  #startableAt = 0;
  /** At the end of the last second with requests: in flight on the average, and the most of it. */
  #inFlight = 0;
  #most = 0;
  #endedAt = 0;

  /** `seconds`: mean time that a request keeps one busy. */
  constructor(lambda: SimProfile['lambda'], seconds: number, rng: Rng) {
    this.#coldSeconds = (meanMs(lambda.init) + meanMs(lambda.coldExtra)) / 1000;
    this.#lambda = lambda;
    this.#seconds = seconds;
    this.#rng = rng;
    this.#startable = lambda.scalingPer10s;
  }

  /** What comes in the `span` seconds from `now`. */
  serve(came: Came, now: number, span: number): void {
    const { accountConcurrency, scalingPer10s } = this.#lambda;
    const { requests } = came;
    this.cold = 0;
    const refill = ((now - this.#startableAt) * scalingPer10s) / SCALING_SECONDS;
    this.#startable = Math.min(scalingPer10s, this.#startable + refill);
    this.#startableAt = now;
    const others = this.#others(came, now, span);
    const need = Math.min(this.#need(came, others, span), accountConcurrency);
    let had = need === 0 ? 0 : this.#take(need, now);
    const { cold } = this;
    // N3
    const tooMany = (others - (had - cold)) * (this.#coldSeconds / this.#seconds);
    const more = Math.floor(Math.min(tooMany, requests - cold, accountConcurrency - had));
    if (had === need && cold > 0 && more > 0) {
      had = this.#take(need + more, now);
      this.cold += cold;
    }
    const mean = (requests / span) * this.#seconds;
    const limit = Math.min(accountConcurrency, had < need ? had : Number.POSITIVE_INFINITY);
    this.refused = mean > limit ? requests * (1 - limit / mean) : 0;
  }

  /** Requests in flight that one finds, on the average; and what is in flight after the second. */
  #others({ requests, all, counted }: Came, now: number, span: number): number {
    const seconds = this.#seconds;
    const before = this.#inFlight * Math.exp((this.#endedAt - now) / seconds);
    // N2: from then on.
    const length = span * Math.min(1, requests / all);
    const part = seconds / length;
    const stay = -Math.expm1(-1 / part);
    const left = before * Math.exp((length - span) / seconds);
    if (now > this.#endedAt + seconds) this.#most = 0;
    this.#inFlight = left * (1 - stay) + requests * part * stay;
    this.#endedAt = now + span;
    // N1
    const found = (counted ? Math.max(0, requests - 1) : requests) * (part - part ** 2 * stay);
    return found + left * part * stay;
  }

  #need({ requests, all, counted }: Came, others: number, span: number): number {
    const drawn = this.#rng.next();
    // Above 40 one always comes.
    const none = counted || requests > 40 ? 0 : Math.exp(-requests);
    const most = this.#most;
    this.#most = 0;
    if (drawn < none) return 0;
    const length = span * Math.min(1, requests / all);
    const looks = Math.max(1, Math.min(requests, length / this.#seconds));
    const rank = none === 0 ? drawn : (drawn - none) / (1 - none);
    const need = 1 + poissonOf(others, looks === 1 ? rank : rank ** (1 / looks));
    this.#most = counted ? Math.min(need, Math.ceil(requests) + most) : need;
    return this.#most;
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
