// The tasks of Fargate: their lives, their bills, and which of them takes the next request.
//
// A task waits for its place (`placing`, nobody bills it), pulls its image and starts (`starting`,
// billed from here), takes requests (`ready`), finishes what it has (`draining`; `leaving` where it
// need not wait for the end of its drain), and is gone. It serves so many requests at a time, each as
// fast as if it were alone: plain slots, as the local engine
// has them. What a processor that is shared would slow down is in the rate that a task carries.
//
// Ready tasks with a free slot stand in lists, one for each number of requests in flight, so that the
// one with the fewest is found at once; for turns there is one list, whose first goes to its end.
//
// Invariants
//   K1. A task never has more requests than slots.
//   K2. A number is given again only when no event can mean the old task: each holds it (`hold`).
//   K3. A task is billed from the pull until it ends, the minimum at least.
//   K4. A drain is billed whole: also with nothing in flight the target is shown as `draining` until the
//       deregistration delay is over, and ECS stops the task only then (docs: "Edit target group
//       attributes" of ELB, "Task lifecycle" of ECS). One that leaves, as Spot takes it back, has had its
//       SIGTERM and ends as soon as it is empty.

import type { SimProfile } from '../profile.ts';

export const TASK = {
  none: 0,
  placing: 1,
  starting: 2,
  ready: 3,
  draining: 4,
  leaving: 5,
  gone: 6,
} as const;
export type TaskState = (typeof TASK)[keyof typeof TASK];

/** Who takes the next request: the task with the fewest in flight, or one after the other. */
export type TaskChoice = 'least-outstanding' | 'round-robin';

const FIRST_CAPACITY = 16;
const NOBODY = -1;

export class Tasks {
  /** By state; those that leave are among those that drain. */
  placing = 0;
  starting = 0;
  ready = 0;
  draining = 0;
  /** Requests in flight at all of them, and at those that take more. */
  inFlight = 0;
  inFlightAtReady = 0;
  /** Billed seconds of those that have ended. */
  billedSeconds = 0;
  /** Asked for so far. */
  asked = 0;
  /** One more than the highest number in use. */
  numbers = 0;

  readonly slots: number;
  readonly #minimum: number;
  readonly #drain: number;
  readonly #turns: boolean;
  #state = new Uint8Array(FIRST_CAPACITY);
  #requests = new Int32Array(FIRST_CAPACITY);
  #held = new Int32Array(FIRST_CAPACITY);
  #zone = new Int32Array(FIRST_CAPACITY);
  #billedFrom = new Float64Array(FIRST_CAPACITY);
  /** Of the drain. */
  #endsAt = new Float64Array(FIRST_CAPACITY);
  /** In the order in which they were asked for, counted from 1. */
  #order = new Float64Array(FIRST_CAPACITY);
  #next = new Int32Array(FIRST_CAPACITY);
  #previous = new Int32Array(FIRST_CAPACITY);
  /** Of each list. */
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  /** No list before this one has a task. */
  #least = 0;
  #closed = false;
  readonly #free: number[] = [];

  constructor({ fargate }: SimProfile, choice: TaskChoice) {
    this.slots = fargate.concurrency;
    this.#minimum = fargate.minimumSeconds;
    this.#drain = fargate.drainSeconds;
    this.#turns = choice === 'round-robin';
    const lists = this.#turns ? 1 : this.slots;
    this.#first = new Int32Array(lists).fill(NOBODY);
    this.#last = new Int32Array(lists).fill(NOBODY);
  }

  /** Those that are billed now. */
  get billed(): number {
    return this.starting + this.ready + this.draining;
  }

  state(task: number): TaskState {
    return this.#state[task] as TaskState;
  }

  requestsOf(task: number): number {
    return this.#requests[task] as number;
  }

  zoneOf(task: number): number {
    return this.#zone[task] as number;
  }

  /** The minimum that is billed in any case is over at `then`, in seconds. */
  isPaid(task: number, then: number): boolean {
    return then - (this.#billedFrom[task] as number) >= this.#minimum;
  }

  billedFrom(task: number): number {
    return this.#billedFrom[task] as number;
  }

  /** Its place in the order in which all were asked for. */
  order(task: number): number {
    return this.#order[task] as number;
  }

  /** A new one waits for its place. */
  ask(zone: number): number {
    const task = this.#free.pop() ?? this.#newNumber();
    this.#state[task] = TASK.placing;
    this.#zone[task] = zone;
    this.#requests[task] = 0;
    this.placing += 1;
    this.asked += 1;
    this.#order[task] = this.asked;
    return task;
  }

  pull(task: number, now: number): void {
    this.#state[task] = TASK.starting;
    this.#billedFrom[task] = now;
    this.placing -= 1;
    this.starting += 1;
  }

  open(task: number): void {
    this.#state[task] = TASK.ready;
    this.starting -= 1;
    this.ready += 1;
    this.#append(task);
  }

  /** It takes no more requests; is there until `endsAt`, or leaves once it is empty. */
  drain(task: number, endsAt: number, how: typeof TASK.draining | typeof TASK.leaving): void {
    if (this.requestsOf(task) < this.slots) this.#remove(task);
    this.#state[task] = how;
    this.#endsAt[task] = endsAt;
    this.inFlightAtReady -= this.requestsOf(task);
    this.ready -= 1;
    this.draining += 1;
  }

  /** Ends it in any state; what it has in flight is lost. Gives how many those are. */
  end(task: number, now: number): number {
    const state = this.state(task);
    const lost = this.requestsOf(task);
    if (state === TASK.ready && lost < this.slots) this.#remove(task);
    if (state === TASK.placing) this.placing -= 1;
    else if (state === TASK.starting) this.starting -= 1;
    else if (state === TASK.ready) {
      this.ready -= 1;
      this.inFlightAtReady -= lost;
    } else this.draining -= 1;
    if (state !== TASK.placing && !this.#closed) {
      this.billedSeconds += Math.max(this.#minimum, now - this.billedFrom(task));
    }
    this.inFlight -= lost;
    this.#requests[task] = 0;
    this.#state[task] = TASK.gone;
    this.#freeIfOver(task);
    return lost;
  }

  /** The task that gets one more request; -1: no slot is free. Takes the slot. */
  take(): number {
    const lists = this.#first.length;
    while (this.#least < lists && this.#first[this.#least] === NOBODY) this.#least += 1;
    if (this.#least === lists) return NOBODY;
    const task = this.#first[this.#least] as number;
    this.#remove(task);
    const requests = this.requestsOf(task) + 1;
    this.#requests[task] = requests;
    this.inFlight += 1;
    this.inFlightAtReady += 1;
    if (requests < this.slots) this.#append(task);
    return task;
  }

  /** A request of it has ended. */
  giveBack(task: number): void {
    const requests = this.requestsOf(task);
    this.inFlight -= 1;
    if (this.state(task) !== TASK.ready) {
      this.#requests[task] = requests - 1;
      return;
    }
    this.inFlightAtReady -= 1;
    const wasFull = requests === this.slots;
    if (wasFull || !this.#turns) {
      if (!wasFull) this.#remove(task);
      this.#requests[task] = requests - 1;
      this.#append(task);
    } else this.#requests[task] = requests - 1;
  }

  /** An event will come that means this task. */
  hold(task: number): void {
    this.#held[task] = (this.#held[task] as number) + 1;
  }

  /** That event is here. */
  letGo(task: number): void {
    this.#held[task] = (this.#held[task] as number) - 1;
    this.#freeIfOver(task);
  }

  /** Bills those that are there as if they were stopped now. What comes later is not billed. */
  close(now: number): void {
    for (let task = 0; task < this.numbers; task += 1) {
      const state = this.state(task);
      if (state === TASK.none || state === TASK.placing || state === TASK.gone) continue;
      const drains = state === TASK.draining ? (this.#endsAt[task] as number) : now;
      const end = state === TASK.ready ? now + this.#drain : drains;
      this.billedSeconds += Math.max(this.#minimum, end - this.billedFrom(task));
    }
    this.#closed = true;
  }

  #freeIfOver(task: number): void {
    if (this.#state[task] !== TASK.gone || this.#held[task] !== 0) return;
    this.#state[task] = TASK.none;
    this.#free.push(task);
  }

  #listOf(task: number): number {
    return this.#turns ? 0 : (this.#requests[task] as number);
  }

  #append(task: number): void {
    const list = this.#listOf(task);
    const last = this.#last[list] as number;
    this.#next[task] = NOBODY;
    this.#previous[task] = last;
    if (last === NOBODY) this.#first[list] = task;
    else this.#next[last] = task;
    this.#last[list] = task;
    if (list < this.#least) this.#least = list;
  }

  #remove(task: number): void {
    const list = this.#listOf(task);
    const next = this.#next[task] as number;
    const previous = this.#previous[task] as number;
    if (previous === NOBODY) this.#first[list] = next;
    else this.#next[previous] = next;
    if (next === NOBODY) this.#last[list] = previous;
    else this.#previous[next] = previous;
  }

  #newNumber(): number {
    if (this.numbers === this.#state.length) this.#grow();
    this.numbers += 1;
    return this.numbers - 1;
  }

  #grow(): void {
    const capacity = 2 * this.#state.length;
    const state = new Uint8Array(capacity);
    state.set(this.#state);
    this.#state = state;
    this.#billedFrom = widerTimes(this.#billedFrom, capacity);
    this.#endsAt = widerTimes(this.#endsAt, capacity);
    this.#order = widerTimes(this.#order, capacity);
    this.#requests = wider(this.#requests, capacity);
    this.#held = wider(this.#held, capacity);
    this.#zone = wider(this.#zone, capacity);
    this.#next = wider(this.#next, capacity);
    this.#previous = wider(this.#previous, capacity);
  }
}

function wider(array: Int32Array, capacity: number): Int32Array<ArrayBuffer> {
  const wide = new Int32Array(capacity);
  wide.set(array);
  return wide;
}

function widerTimes(array: Float64Array, capacity: number): Float64Array<ArrayBuffer> {
  const wide = new Float64Array(capacity);
  wide.set(array);
  return wide;
}
