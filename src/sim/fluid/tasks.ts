// The tasks of a fleet as numbers: those that start, that take requests, that drain, and the seconds
// that are billed for them.
//
// T1. A task is billed from `billedStartSeconds` before it takes requests until `drainSeconds` after
//     its stop, and for `minimumSeconds` at least.
// T2. A start that is not billed yet is cancelled first, the newest first, and costs nothing.
// T3. Of those that take requests the one that has been paid longest is stopped first, and none before
//     its minimum is over: until then it is paid anyway.
// T4. None that takes requests is stopped for the sake of one that does not yet.

import type { Rng } from '../../base/ports.ts';
import type { SimProfile } from '../profile.ts';
import { normalOf } from './normal.ts';

/** Tasks that began together. */
interface Start {
  readonly readyAt: number;
  readonly billedFrom: number;
  count: number;
  billed: boolean;
}

interface Running {
  readonly billedFrom: number;
  count: number;
}

interface Draining {
  readonly endsAt: number;
  readonly count: number;
}

/** All times in seconds. */
export class Tasks {
  /** That take requests. */
  ready = 0;
  /** That do not yet. */
  starting = 0;
  /** That are paid for at this moment. */
  billed = 0;
  /** Starts so far, cancelled ones among them. */
  starts = 0;
  /** Billed for those that ended. */
  billedSeconds = 0;
  readonly #fargate: SimProfile['fargate'];
  readonly #rng: Rng;
  /** In the order of the decisions. */
  #starts: Start[] = [];
  /** Paid longest first; those before `#first` are gone. */
  #running: Running[] = [];
  #first = 0;
  #draining: Draining[] = [];
  #firstDraining = 0;
  /** Nothing happens by itself before. */
  #nextAt = Number.POSITIVE_INFINITY;

  /** `rng` spreads the time that starts take; it is not asked when `startSigma` is 0. */
  constructor(fargate: SimProfile['fargate'], rng: Rng) {
    this.#fargate = fargate;
    this.#rng = rng;
  }

  /** So many take requests at `now` already: with their start paid, but for those that always are. */
  begin(count: number, now: number): void {
    const { billedStartSeconds, minTasks } = this.#fargate;
    const always = Math.min(count, minTasks);
    const more = count - always;
    if (more > 0) this.#running.push({ billedFrom: now - billedStartSeconds, count: more });
    if (always > 0) this.#running.push({ billedFrom: now, count: always });
    this.ready += count;
    this.billed += count;
    this.starts += more;
  }

  /** What happened by itself up to `now`. */
  advance(now: number): void {
    if (now >= this.#nextAt) this.#happen(now);
  }

  /** Starts, cancels and stops, so that there are `wanted`. */
  want(wanted: number, now: number): void {
    const there = this.ready + this.starting;
    if (wanted > there) this.#start(wanted - there, now);
    else if (wanted < there) {
      this.#cancel(there - wanted, now);
      if (this.ready > wanted) this.#stop(this.ready - wanted, now);
    }
  }

  /** Stops all that is there. */
  end(now: number): void {
    const { drainSeconds, minimumSeconds } = this.#fargate;
    for (const { billedFrom, count } of this.#starts) {
      if (billedFrom >= now) continue;
      this.billedSeconds += count * Math.max(minimumSeconds, now - billedFrom);
    }
    for (const { billedFrom, count } of this.#running.slice(this.#first)) {
      this.billedSeconds += count * Math.max(minimumSeconds, now + drainSeconds - billedFrom);
    }
    this.#starts = [];
    this.#running = [];
    this.#first = 0;
    this.ready = 0;
    this.starting = 0;
    this.billed = 0;
  }

  #start(count: number, now: number): void {
    const { startSigma } = this.#fargate;
    this.starting += count;
    this.starts += count;
    if (startSigma === 0) {
      this.#add(now, 1, count);
      return;
    }
    for (let index = 0; index < count; index += 1) {
      this.#add(now, Math.exp(startSigma * normalOf(this.#rng.next())), 1);
    }
  }

  /** A pull that is slow is billed for longer: both parts are longer by the same factor. */
  #add(now: number, factor: number, count: number): void {
    const { startSeconds, billedStartSeconds } = this.#fargate;
    const readyAt = now + startSeconds * factor;
    const billedFrom = readyAt - billedStartSeconds * factor;
    const billed = billedFrom <= now;
    if (billed) this.billed += count;
    this.#starts.push({ readyAt, billedFrom, count, billed });
    this.#nextAt = Math.min(this.#nextAt, billed ? readyAt : billedFrom);
  }

  #cancel(most: number, now: number): void {
    let left = most;
    let emptied = false;
    for (let index = this.#starts.length - 1; index >= 0 && left > 0; index -= 1) {
      const start = this.#starts[index] as Start;
      if (start.billed || start.billedFrom <= now) continue;
      const count = Math.min(left, start.count);
      start.count -= count;
      left -= count;
      this.starting -= count;
      emptied ||= start.count === 0;
    }
    if (emptied) this.#starts = this.#starts.filter(({ count }) => count > 0);
  }

  #stop(most: number, now: number): void {
    const { drainSeconds, minimumSeconds } = this.#fargate;
    const endsAt = now + drainSeconds;
    let stopped = 0;
    while (stopped < most && this.#first < this.#running.length) {
      const oldest = this.#running[this.#first] as Running;
      if (endsAt - oldest.billedFrom < minimumSeconds) break;
      const count = Math.min(most - stopped, oldest.count);
      this.billedSeconds += count * (endsAt - oldest.billedFrom);
      oldest.count -= count;
      stopped += count;
      if (oldest.count === 0) this.#first += 1;
    }
    if (this.#first > 64 && this.#first * 2 > this.#running.length) {
      this.#running = this.#running.slice(this.#first);
      this.#first = 0;
    }
    if (stopped === 0) return;
    this.ready -= stopped;
    this.#draining.push({ endsAt, count: stopped });
    this.#nextAt = Math.min(this.#nextAt, endsAt);
  }

  #happen(now: number): void {
    let nextAt = Number.POSITIVE_INFINITY;
    let arrived = false;
    for (const start of this.#starts) {
      if (!start.billed && start.billedFrom <= now) {
        start.billed = true;
        this.billed += start.count;
      }
      if (start.readyAt <= now) {
        this.#run(start);
        arrived = true;
      } else nextAt = Math.min(nextAt, start.billed ? start.readyAt : start.billedFrom);
    }
    if (arrived) this.#starts = this.#starts.filter(({ readyAt }) => readyAt > now);
    let drained = this.#draining[this.#firstDraining];
    while (drained !== undefined && drained.endsAt <= now) {
      this.billed -= drained.count;
      this.#firstDraining += 1;
      drained = this.#draining[this.#firstDraining];
    }
    if (drained !== undefined) nextAt = Math.min(nextAt, drained.endsAt);
    else {
      this.#draining = [];
      this.#firstDraining = 0;
    }
    this.#nextAt = nextAt;
  }

  #run({ billedFrom, count }: Start): void {
    this.starting -= count;
    this.ready += count;
    const running = this.#running;
    // With spread a later start may be ready first.
    let at = running.length;
    while (at > this.#first && (running[at - 1] as Running).billedFrom > billedFrom) at -= 1;
    running.splice(at, 0, { billedFrom, count });
  }
}
