// How the number of tasks follows what the policy wants, and what goes wrong on the way.
//
// Wanted tasks that are missing are asked for at once; they wait for their place, which nobody bills,
// and start, which is billed. Of tasks that are too many, those that nobody bills yet are given up
// first, the newest before the older ones; then the oldest one goes. One whose drain would end within its
// minimum stays: it is paid for anyway.

import { seededRng } from '../../base/rng.ts';
import { meanMs, type SimProfile } from '../profile.ts';
import { Normal } from './chance.ts';
import type { EventHeap } from './event-heap.ts';
import type { EventSettings, RecordedStart } from './event-result.ts';
import { Faults } from './faults.ts';
import { HAPPENING, KIND_BITS } from './happening.ts';
import { TASK, Tasks } from './tasks.ts';

export class Fleet {
  readonly tasks: Tasks;
  /** As the policy said last. */
  wanted = 0;
  lost = 0;
  crashed = 0;
  /** Of the slots of a task, those that the rate it carries can keep busy. */
  readonly usableSlots: number;
  /** Requests a second that a task carries. */
  readonly carried: number;

  readonly #fargate: SimProfile['fargate'];
  readonly #heap: EventHeap;
  readonly #faults: Faults;
  readonly #startUp: Normal;
  readonly #recorded: readonly RecordedStart[];
  #starts = 0;
  #closed = false;

  constructor(
    { profile, seed, faults = [], starts = [], choice = 'least-outstanding' }: EventSettings,
    heap: EventHeap,
  ) {
    const { fargate } = profile;
    const seconds = meanMs(fargate.duration) / 1000;
    this.tasks = new Tasks(profile, choice);
    this.usableSlots = Math.min(fargate.concurrency, fargate.taskRate * seconds);
    this.carried = this.usableSlots / seconds;
    this.#fargate = fargate;
    this.#heap = heap;
    this.#faults = new Faults(faults, seededRng(seed, 'faults'));
    this.#startUp = new Normal(seededRng(seed, 'start-up'));
    this.#recorded = starts;
  }

  /** So many were there before, with their start paid but for `minTasks`; what is to fail is in the heap. */
  begin(wanted: number): void {
    const { billedStartSeconds, minTasks } = this.#fargate;
    this.wanted = wanted;
    for (let count = 0; count < wanted; count += 1) {
      const task = this.tasks.ask(this.#faults.place());
      this.tasks.pull(task, count < minTasks ? 0 : -billedStartSeconds);
      this.#open(task, 0);
    }
    for (const [index, fault] of this.#faults.list.entries()) {
      if ('at' in fault) this.#heap.push(fault.at, (index << KIND_BITS) | HAPPENING.fault, 0);
    }
  }

  /** Nothing is billed, started or broken after this. */
  close(now: number): void {
    this.tasks.close(now);
    this.#closed = true;
  }

  want(wanted: number, now: number): void {
    this.wanted = wanted;
    const { tasks } = this;
    for (;;) {
      const missing = wanted - (tasks.ready + tasks.starting + tasks.placing);
      if (missing > 0) this.#ask(now);
      else if (missing === 0 || !this.#stopOne(now)) return;
    }
  }

  /** A request of it has ended; false: it was lost before. */
  ends(task: number, now: number): boolean {
    const { tasks } = this;
    const isThere = tasks.state(task) !== TASK.gone;
    if (isThere) {
      tasks.giveBack(task);
      if (tasks.state(task) === TASK.leaving && tasks.requestsOf(task) === 0) tasks.end(task, now);
    }
    tasks.letGo(task);
    return isThere;
  }

  /** Something that is no end of a request. True: there is room for one more. */
  happens(kind: number, number: number, now: number, value: number): boolean {
    switch (kind) {
      case HAPPENING.pulls:
        this.#pulls(number, now, value);
        break;
      case HAPPENING.opens:
        if (this.tasks.state(number) === TASK.starting) this.#open(number, now);
        this.tasks.letGo(number);
        return true;
      case HAPPENING.drained:
        this.lost += this.#drained(number, now);
        this.tasks.letGo(number);
        break;
      case HAPPENING.crashes:
        if (!this.#closed) this.#crash(number, now);
        this.tasks.letGo(number);
        break;
      case HAPPENING.notice:
        if (!this.#closed && this.tasks.state(number) === TASK.ready)
          this.#leave(number, now, value);
        this.tasks.letGo(number);
        break;
      case HAPPENING.fault:
        if (!this.#closed) this.#fault(number, now);
        break;
      default:
        this.#faults.giveZoneBack(number);
    }
    return false;
  }

  #ask(now: number): void {
    const task = this.tasks.ask(this.#faults.place());
    const { startSeconds, billedSeconds } = this.#recorded[this.#starts] ?? this.#anyStart();
    this.#starts += 1;
    this.tasks.hold(task);
    const placedAt = now + startSeconds - billedSeconds;
    this.#heap.push(placedAt, (task << KIND_BITS) | HAPPENING.pulls, billedSeconds);
  }

  /** A pull that is slow is billed for longer: both parts are longer by the same factor. */
  #anyStart(): RecordedStart {
    const { startSeconds, billedStartSeconds, startSigma } = this.#fargate;
    const factor = startSigma === 0 ? 1 : Math.exp(startSigma * this.#startUp.next());
    return { startSeconds: startSeconds * factor, billedSeconds: billedStartSeconds * factor };
  }

  #pulls(task: number, now: number, seconds: number): void {
    const { tasks } = this;
    if (tasks.state(task) === TASK.placing) {
      tasks.pull(task, now);
      tasks.hold(task);
      this.#heap.push(now + seconds, (task << KIND_BITS) | HAPPENING.opens, 0);
    }
    tasks.letGo(task);
  }

  #open(task: number, now: number): void {
    this.tasks.open(task);
    for (const fault of this.#faults.list) {
      if (fault.kind === 'crashes' && fault.perTaskHour > 0) {
        const at = now + this.#faults.after(fault.perTaskHour);
        this.tasks.hold(task);
        this.#heap.push(at, (task << KIND_BITS) | HAPPENING.crashes, 0);
      } else if (fault.kind === 'spot' && fault.perTaskHour > 0) {
        const at = now + this.#faults.after(fault.perTaskHour);
        this.tasks.hold(task);
        this.#heap.push(at, (task << KIND_BITS) | HAPPENING.notice, fault.noticeSeconds);
      }
    }
  }

  #drain(task: number, now: number): void {
    const { tasks } = this;
    const endsAt = now + this.#fargate.drainSeconds;
    tasks.drain(task, endsAt, TASK.draining);
    tasks.hold(task);
    this.#heap.push(endsAt, (task << KIND_BITS) | HAPPENING.drained, 0);
  }

  /** Has its SIGTERM: ends when it is empty, or after so many seconds. */
  #leave(task: number, now: number, seconds: number): void {
    const { tasks } = this;
    tasks.drain(task, now + seconds, TASK.leaving);
    if (tasks.requestsOf(task) === 0) {
      tasks.end(task, now);
      return;
    }
    tasks.hold(task);
    this.#heap.push(now + seconds, (task << KIND_BITS) | HAPPENING.drained, 0);
  }

  /** Gives how many requests are lost: more time they have not. */
  #drained(task: number, now: number): number {
    const state = this.tasks.state(task);
    if (state !== TASK.draining && state !== TASK.leaving) return 0;
    return this.tasks.end(task, now);
  }

  /** False: there is none that may be stopped now. */
  #stopOne(now: number): boolean {
    const { tasks } = this;
    if (tasks.placing > 0) {
      tasks.end(this.#newestPlacing(), now);
      return true;
    }
    const endsAt = now + this.#fargate.drainSeconds;
    let oldest = -1;
    for (let task = 0; task < tasks.numbers; task += 1) {
      if (tasks.state(task) !== TASK.ready || !tasks.isPaid(task, endsAt)) continue;
      if (oldest < 0 || tasks.billedFrom(task) < tasks.billedFrom(oldest)) oldest = task;
    }
    if (oldest < 0) return false;
    this.#drain(oldest, now);
    return true;
  }

  #newestPlacing(): number {
    const { tasks } = this;
    let newest = -1;
    for (let task = 0; task < tasks.numbers; task += 1) {
      if (tasks.state(task) !== TASK.placing) continue;
      if (newest < 0 || tasks.order(task) > tasks.order(newest)) newest = task;
    }
    return newest;
  }

  #fault(index: number, now: number): void {
    const fault = this.#faults.list[index];
    if (fault?.kind === 'crash') {
      for (let count = 0; count < fault.tasks && this.tasks.ready > 0; count += 1) {
        this.#crash(this.#anyReady(), now);
      }
    } else if (fault?.kind === 'zone') {
      const zone = this.#faults.takeZone();
      for (let task = 0; task < this.tasks.numbers; task += 1) {
        if (this.tasks.zoneOf(task) === zone) this.#crash(task, now);
      }
      const back = (zone << KIND_BITS) | HAPPENING.zoneBack;
      this.#heap.push(now + fault.seconds, back, 0);
    }
  }

  #anyReady(): number {
    let left = this.#faults.pick(this.tasks.ready);
    for (let task = 0; ; task += 1) {
      if (this.tasks.state(task) !== TASK.ready) continue;
      if (left === 0) return task;
      left -= 1;
    }
  }

  #crash(task: number, now: number): void {
    const state = this.tasks.state(task);
    if (state === TASK.none || state === TASK.gone) return;
    this.crashed += 1;
    this.lost += this.tasks.end(task, now);
  }
}
