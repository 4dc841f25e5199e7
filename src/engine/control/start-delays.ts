// How long tasks of a service take until they are given requests, learned from those that were
// started: from the decision, and from when they are billed.

import type { Millis } from '../../base/units.ts';
import type { EcsTask } from '../../fleet/ecs/scheduler.ts';
import { RunningMean } from './route-learning.ts';

/** From the start of its program until its first health check passed, before a task has shown it. */
const FIRST_CHECK_MS: Millis = 1000;

export class StartDelays {
  readonly #taskStartMs: Millis;
  readonly #start = new RunningMean();
  readonly #billed = new RunningMean();
  #seen = new Set<string>();

  /** `taskStartMs`: from PENDING to the start of its program, as the settings say. */
  constructor(taskStartMs: Millis) {
    this.#taskStartMs = taskStartMs;
  }

  get startSeconds(): number {
    return (this.#start.value ?? this.#taskStartMs + FIRST_CHECK_MS) / 1000;
  }

  get billedStartSeconds(): number {
    return Math.min((this.#billed.value ?? FIRST_CHECK_MS) / 1000, this.startSeconds);
  }

  /** To be called every second with the tasks that have not stopped. */
  note(tasks: readonly EcsTask[], now: Millis): void {
    const seen = new Set<string>();
    for (const { id, wasHealthy, createdAt, startedAt } of tasks) {
      if (!wasHealthy) continue;
      seen.add(id);
      if (this.#seen.has(id)) continue;
      this.#start.add(now - createdAt);
      if (startedAt !== undefined) this.#billed.add(now - startedAt);
    }
    this.#seen = seen;
  }
}
