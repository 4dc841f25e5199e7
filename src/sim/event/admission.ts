// Whether the tasks get a request: as many as the policy offers them, as many as they carry within the
// latency target, and only those that will meet the target there. Whatever is over goes to Lambda, or
// waits where there is no Lambda.
//
// What the tasks carry is earned steadily, up to one tick of it: a burst within a tick passes while
// there are slots, and in the long run no more passes than the rate.

import type { PlacementTerms } from '../../scaling/placement.ts';
import type { EventSettings } from './event-result.ts';
import type { Tasks } from './tasks.ts';

export class Admission {
  readonly #settings: EventSettings;
  readonly #rate: number;
  readonly #tick: number;
  readonly #targetMs: number;
  #earned = 0;
  #earnedAt = 0;
  /** Until the next tick; what is less than one request is carried on. */
  #offered = Number.POSITIVE_INFINITY;
  #isPaced = false;

  constructor(settings: EventSettings, tick: number) {
    const { fargate, targetMs } = settings.profile;
    this.#settings = settings;
    this.#rate = fargate.ratePerTask;
    this.#tick = tick;
    this.#targetMs = targetMs;
  }

  /** So many tasks are there from the beginning. */
  begin(memory: unknown, terms: PlacementTerms, tasks: number): void {
    this.#earned = Math.max(1, tasks * this.#rate * this.#tick);
    this.#offered = 0;
    this.renew(memory, terms);
  }

  /** A tick has passed. */
  renew(memory: unknown, terms: PlacementTerms): void {
    const offered = this.#settings.policy.offered?.(memory, terms) ?? Number.POSITIVE_INFINITY;
    this.#offered = Math.min(this.#offered, 1 - 1e-9) + offered * this.#tick;
  }

  /** A task serves the request in time, as far as is known, and may be offered it. */
  admits(now: number, tasks: Tasks, lambdaMs: number, fargateMs: number): boolean {
    if (this.#offered < 1 || !this.#carries(now, tasks)) return false;
    return fargateMs <= this.#targetMs || lambdaMs > this.#targetMs;
  }

  /** A task got it. */
  took(): void {
    this.#offered -= 1;
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
    // It was waited for until it was earned; the sum may be a hair below.
    this.#earned += 1e-6;
  }

  learnLambda(_now: number, _durationMs: number): void {}
  learnTask(_now: number, _durationMs: number): void {}

  #carries(now: number, tasks: Tasks): boolean {
    if (this.#rate === Number.POSITIVE_INFINITY) return true;
    const rate = tasks.ready * this.#rate;
    const most = Math.max(1, rate * this.#tick);
    this.#earned = Math.min(most, this.#earned + (now - this.#earnedAt) * rate);
    this.#earnedAt = now;
    return this.#earned >= 1;
  }
}
