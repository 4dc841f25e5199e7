// A place for one request at a task.

import type { Upstream } from '../http1/upstream.ts';
import type { StreamUpstream } from '../http2/stream-call.ts';

/** How requests come to a task. */
export interface TaskReach {
  readonly upstream: Upstream;
  /** In place of `upstream` where its target group speaks HTTP/2 or gRPC. */
  readonly streams: StreamUpstream | undefined;
}

export interface Slot extends TaskReach {
  readonly task: string;
  /** `api@2/fargate`. */
  readonly track: string;
  release(): void;
}

/** It is given back once, however often it is released. */
export class TaskSlot implements Slot {
  readonly task: string;
  readonly track: string;
  readonly upstream: Upstream;
  readonly streams: StreamUpstream | undefined;
  readonly #owner: { release(task: string): void };
  #released = false;

  constructor(
    task: string,
    track: string,
    { upstream, streams }: TaskReach,
    owner: { release(task: string): void },
  ) {
    this.task = task;
    this.track = track;
    this.upstream = upstream;
    this.streams = streams;
    this.#owner = owner;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#owner.release(this.task);
  }
}
