// A place for one request at a task.

import type { Upstream } from '../http1/upstream.ts';

export interface Slot {
  readonly task: string;
  /** `api@2/fargate`. */
  readonly track: string;
  readonly upstream: Upstream;
  release(): void;
}

/** It is given back once, however often it is released. */
export class TaskSlot implements Slot {
  readonly task: string;
  readonly track: string;
  readonly upstream: Upstream;
  readonly #owner: { release(task: string): void };
  #released = false;

  constructor(
    task: string,
    track: string,
    upstream: Upstream,
    owner: { release(task: string): void },
  ) {
    this.task = task;
    this.track = track;
    this.upstream = upstream;
    this.#owner = owner;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#owner.release(this.task);
  }
}
