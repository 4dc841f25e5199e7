// How many requests a task carries at a time within the latency target, learned from what they took.
//
// Additive increase, multiplicative decrease, which is stable where a threshold alone is not
// [Chiu and Jain 1989], as TCP does it [Jacobson 1988] and Netflix for concurrency [concurrency-limits,
// AIMDLimit: +1 while half of the limit is in use, × 0.9 on a time-out]:
//   - a request within the target that found the task full adds 1 ÷ limit, so about one slot for
//     each round of requests; before the first decrease it adds 1, which doubles it (slow start);
//   - one over the target takes a tenth away, at most once for each round, as what was in flight then
//     was let in under the old limit;
//   - one over the target that takes about as long by itself says nothing of the load.
//
// Invariants
//   L1. A task takes from 1 request at a time to the ceiling, which is `fargate.concurrency`.
//   L2. Without a target it takes as many as the ceiling.
//   L3. It carries no less than it takes.

import type { Millis } from '../base/units.ts';
import { aloneMs, loadClass, type ServedTime, type ServiceTimes } from './service-times.ts';

/** Netflix concurrency-limits, AIMDLimit.DEFAULT_BACKOFF_RATIO. */
const BACKOFF = 0.9;

/** A time is the fault of the load from so many times what a request takes by itself. Netflix, Gradient2Limit: rttTolerance 1.5. */
const TOLERANCE = 1.5;

/** What a task takes before anything is known. Netflix concurrency-limits, AIMDLimit: initialLimit 20. */
const FIRST_LIMIT = 20;

export interface CapacityRules {
  /** Undefined: as many as the ceiling says. */
  readonly targetMs: Millis | undefined;
  /** `fargate.concurrency`. */
  readonly ceiling: number;
}

/** The caller holds it; `learnCapacity` writes to it in place. */
export interface TaskCapacity {
  /** With a fraction: what is let in is the whole part. */
  limit: number;
  /** It has never been too much. */
  slowStart: boolean;
  /** Requests that were let in before the last decrease. */
  held: number;
}

export function startCapacity(): TaskCapacity {
  return { limit: FIRST_LIMIT, slowStart: true, held: 0 };
}

/** To be called after `learnTime` for the same request. */
export function learnCapacity(
  memory: TaskCapacity,
  served: ServedTime,
  times: ServiceTimes,
  { targetMs, ceiling }: CapacityRules,
): void {
  if (targetMs === undefined) return;
  const { durationMs, inFlight } = served;
  if (memory.held > 0) memory.held -= 1;
  if (durationMs > targetMs) {
    const alone = aloneMs(times);
    const byLoad = inFlight > 1 && (alone === undefined || durationMs > alone * TOLERANCE);
    if (!byLoad || memory.held > 0) return;
    lower(memory, Math.min(memory.limit, inFlight, ceiling) * BACKOFF, inFlight);
  } else if (inFlight >= Math.floor(memory.limit) && memory.limit < ceiling) {
    memory.limit = Math.min(ceiling, memory.limit + (memory.slowStart ? 1 : 1 / memory.limit));
  }
  const load = loadClass(inFlight);
  const below = 2 ** (load - 1);
  if (load > 0 && times.slow[load] === true && memory.limit > below) {
    lower(memory, below, inFlight);
  }
}

/** Requests that a task is given at a time. A whole number. */
export function takes(memory: TaskCapacity, { targetMs, ceiling }: CapacityRules): number {
  if (targetMs === undefined) return ceiling;
  return Math.min(Math.floor(memory.limit), ceiling);
}

/** Requests that a task carries at a time, as far as is known: nothing speaks against the ceiling before the first that was too slow. */
export function carries(memory: TaskCapacity, rules: CapacityRules): number {
  return memory.slowStart ? rules.ceiling : takes(memory, rules);
}

/** Requests a second that a task carries, where one takes `taskSeconds`. μ. What comes at random fills its slots before; that goes to Lambda. */
export function taskRate(atATime: number, taskSeconds: number): number {
  return atATime / taskSeconds;
}

function lower(memory: TaskCapacity, limit: number, inFlight: number): void {
  memory.limit = Math.max(1, limit);
  memory.slowStart = false;
  memory.held = inFlight;
}
