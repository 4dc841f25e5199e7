// Whether the tasks get a request: as many as the policy offers them, as many as they carry within the
// latency target, and only those that will meet the target there. Whatever is over goes to Lambda. With
// a policy without overflow, what is offered waits for a task, and the rest goes to Lambda.
//
// What the tasks carry in a tick is theirs from its beginning, and what is left at its end is lost: a
// burst within a tick passes while there are slots, and in no tick more passes than the rate. So the
// fluid and the optimum have it; what was saved up in a quiet second would let tasks carry more than
// either, and a policy cost up to 6 % less than the optimum (100 requests a second, Poisson). What
// waits without overflow is served at the rate, which is earned steadily, up to one tick of it.
//
// The target is tested as the engine does it, with what those before took. It begins with the times of
// the profile, so that no request has to be late for others to be sent elsewhere, unless it is to know
// as little as an engine that has just started. In slots a request
// takes the same time at any load, so there is one class of load.

import {
  goesToTask,
  isProbe,
  isTooSlow,
  type LatencyAsk,
  type LatencyChoice,
  latencyTest,
} from '../../routing/latency-test.ts';
import {
  ENOUGH_TIMES,
  expectedMs,
  learnTime,
  probe,
  probed,
  type ServedTime,
  type ServiceTimes,
  startTimes,
} from '../../routing/service-times.ts';
import type { PlacementTerms } from '../../scaling/placement.ts';
import { meanMs, type Spread } from '../profile.ts';
import type { EventSettings } from './event-result.ts';
import type { Tasks } from './tasks.ts';

type Written<type> = { -readonly [name in keyof type]: type[name] };

const MS_PER_SECOND = 1000;
/** What was waited for is there; a sum of parts may be a hair below it. */
const HAIR = 1e-6;

export class Admission {
  readonly #settings: EventSettings;
  readonly #rate: number;
  readonly #tick: number;
  readonly #targetMs: number;
  readonly #learns: boolean;
  readonly #overflow: boolean;
  /** Written anew for each request. */
  readonly #ask: Written<LatencyAsk>;
  readonly #served: Written<ServedTime>;
  #earned = 0;
  #earnedAt = 0;
  /** With overflow: when the tick began, seconds, and the tasks that `#earned` is of. */
  #renewedAt = 0;
  #ready = 0;
  /** Until the next tick; what is less than one request is carried on. */
  #offered = 0;
  #isPaced = false;

  constructor(settings: EventSettings, tick: number) {
    const { lambda, fargate, targetMs } = settings.profile;
    this.#settings = settings;
    this.#rate = fargate.taskRate;
    this.#tick = tick;
    this.#targetMs = targetMs;
    this.#overflow = settings.policy.overflow;
    this.#learns = settings.prediction !== 'exact';
    this.#served = { durationMs: 0, inFlight: 1, targetMs };
    this.#ask = {
      targetMs,
      tasks: 0,
      inFlight: 0,
      takes: fargate.concurrency,
      onTask:
        settings.prediction === 'unknown'
          ? { ...startTimes(), proven: Number.POSITIVE_INFINITY }
          : knownTimes(fargate.duration, targetMs),
      onLambda: knownTimes(lambda.duration, targetMs),
    };
  }

  /** So many tasks are there from the beginning. */
  begin(memory: unknown, terms: PlacementTerms, tasks: number): void {
    this.#earned = this.#overflow ? 0 : Math.max(1, tasks * this.#rate * this.#tick);
    this.renew(memory, terms, tasks);
    this.#renewedAt = 0;
  }

  /** A tick has passed. */
  renew(memory: unknown, terms: PlacementTerms, ready: number): void {
    const offered = this.#settings.policy.offered?.(memory, terms) ?? Number.POSITIVE_INFINITY;
    this.#offered = Math.min(this.#offered, 1 - HAIR) + offered * this.#tick;
    if (!this.#overflow) return;
    const earned = ready * this.#rate * this.#tick;
    // Parts of a request are carried on, else a task that serves one in many ticks would never do so.
    const most = earned < 1 ? 1 - HAIR : 0;
    this.#earned = (this.#earned < 1 ? Math.max(0, this.#earned) : most) + earned;
    this.#ready = ready;
    this.#renewedAt += this.#tick;
  }

  /** A task serves the request in time, as far as is known, and may be offered it. */
  admits(now: number, tasks: Tasks, lambdaMs: number, fargateMs: number): boolean {
    if (this.#offered < 1 || !this.#carries(now, tasks)) return false;
    if (!this.#learns) return fargateMs <= this.#targetMs || lambdaMs > this.#targetMs;
    return goesToTask(this.#test(now * MS_PER_SECOND, tasks));
  }

  /** It is no reason for a task, which would be late with it. */
  isTooSlow(now: number, lambdaMs: number, fargateMs: number): boolean {
    if (this.#learns) return isTooSlow(this.#ask, now * MS_PER_SECOND);
    return fargateMs > this.#targetMs && lambdaMs <= this.#targetMs;
  }

  /** Whether it is offered to a task, for which it may wait. */
  offers(): boolean {
    if (this.#offered < 1) return false;
    this.#offered -= 1;
    return true;
  }

  /** A task got it. */
  took(): void {
    if (this.#overflow) this.#offered -= 1;
    this.#earned -= 1;
  }

  /** When the next one that waits may pass, as far as the rate goes; seconds. */
  paceAt(now: number, tasks: Tasks): number {
    if (tasks.ready === 0 || this.#carries(now, tasks)) return now;
    return now + (1 - this.#earned) / (tasks.ready * this.#rate);
  }

  /** False: it is waited for already. */
  waitForPace(): boolean {
    if (this.#isPaced) return false;
    this.#isPaced = true;
    return true;
  }

  paced(): void {
    this.#isPaced = false;
    this.#earned += HAIR;
  }

  /** A request on a task has ended, in any way. */
  ended(): void {
    probed(this.#ask.onTask);
  }

  /** A warm request on Lambda took so long, or one on a task. `now` in seconds. */
  learnLambda(now: number, durationMs: number): void {
    this.#learn(this.#ask.onLambda, durationMs, now);
  }

  learnTask(now: number, durationMs: number): void {
    this.#learn(this.#ask.onTask, durationMs, now);
  }

  #learn(times: ServiceTimes, durationMs: number, now: number): void {
    if (!this.#learns) return;
    this.#served.durationMs = durationMs;
    learnTime(times, this.#served, now * MS_PER_SECOND);
  }

  #test(nowMs: number, tasks: Tasks): LatencyChoice {
    const ask = this.#ask;
    ask.tasks = tasks.ready;
    ask.inFlight = tasks.inFlightAtReady;
    const choice = latencyTest(ask, nowMs);
    if (isProbe(choice)) probe(ask.onTask, 1, nowMs);
    return choice;
  }

  #carries(now: number, tasks: Tasks): boolean {
    if (this.#rate === Number.POSITIVE_INFINITY) return true;
    if (this.#overflow) {
      // Those that opened since carry what is left of the tick; those that stopped leave theirs.
      if (tasks.ready !== this.#ready) {
        const left = Math.max(0, this.#renewedAt + this.#tick - now);
        this.#earned += (tasks.ready - this.#ready) * this.#rate * left;
        this.#ready = tasks.ready;
      }
      return this.#earned >= 1 - HAIR;
    }
    const rate = tasks.ready * this.#rate;
    const most = Math.max(1, rate * this.#tick);
    this.#earned = Math.min(most, this.#earned + (now - this.#earnedAt) * rate);
    this.#earnedAt = now;
    return this.#earned >= 1;
  }
}

/** As if so many requests had been seen as are enough, with the mean and the deviation of the spread. */
function knownTimes(spread: Spread, targetMs: number): ServiceTimes {
  const times = startTimes();
  times.meanMs[0] = meanMs(spread);
  times.deviationMs[0] = meanDeviationMs(spread);
  times.samples[0] = ENOUGH_TIMES;
  times.usualMs = times.meanMs[0];
  times.usualOf = ENOUGH_TIMES;
  times.proven = Number.POSITIVE_INFINITY;
  times.slow[0] = (expectedMs(times, 1) ?? 0) > targetMs;
  return times;
}

/**
 * Mean distance of a lognormal from its mean: mean · 2 · (2Φ(σ/2) − 1), here with erf by Abramowitz and
 * Stegun 7.1.27, which is right to 5e-4.
 */
function meanDeviationMs(spread: Spread): number {
  const x = spread.sigma / 2 / Math.SQRT2;
  const sum = 1 + 0.278393 * x + 0.230389 * x ** 2 + 0.000972 * x ** 3 + 0.078108 * x ** 4;
  return meanMs(spread) * 2 * (1 - 1 / sum ** 4);
}
