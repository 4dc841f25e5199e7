// Whether a request may go to Fargate: only if it will meet the latency target there. Where Lambda
// would not meet it either, it goes where it costs nothing more: to the task that is paid already.
//
// With fewer requests in flight than the tasks take, one that is let in begins at once, so its
// completion is what requests of its route took at that load. With all slots in use it would have to
// wait for one of them: it goes to Lambda.
//
// A route that was too slow for a task is tried again once a minute with one request.
//
// Invariants
//   P1. Never more in flight than the tasks take.
//   P2. Without a target, the slots alone decide.

import { type Millis, sayDuration } from '../base/units.ts';
import { expectedMs, knownClass, type ServiceTimes } from './service-times.ts';

/** A slow route is tried again after this long; what is known of Lambda is too old after it. */
export const TRY_AGAIN_MS: Millis = 60_000;

export interface LatencyAsk {
  readonly targetMs: Millis | undefined;
  /** Tasks that take requests; at least 1. */
  readonly tasks: number;
  /** Requests in flight at all of them, without this one. */
  readonly inFlight: number;
  /** Requests that each takes at a time: `takes` of task-capacity. */
  readonly takes: number;
  /** What requests of its route took on tasks, and on Lambda when they were warm. */
  readonly onTask: ServiceTimes;
  readonly onLambda: ServiceTimes;
}

/**
 * `within`: a task serves it in time, as far as is known. `full`: no slot is free. `slow`: it would
 * be late. `both`: it would be late on Lambda too. `try`: it would be late, as was known a minute
 * ago; whoever sends it to a task calls `tryAgain`.
 */
export type LatencyChoice = 'within' | 'full' | 'slow' | 'both' | 'try';

export const goesToTask = (choice: LatencyChoice): boolean =>
  choice === 'within' || choice === 'both' || choice === 'try';

export function latencyTest(ask: LatencyAsk, now: Millis): LatencyChoice {
  if (ask.inFlight >= ask.tasks * ask.takes) return 'full';
  if (ask.targetMs === undefined) return 'within';
  const load = knownClass(ask.onTask, atTask(ask));
  if (load === undefined || ask.onTask.slow[load] !== true) return 'within';
  if (now - (ask.onTask.at[load] ?? 0) >= TRY_AGAIN_MS) return 'try';
  return isSlowOnLambda(ask.onLambda, now) ? 'both' : 'slow';
}

/** Requests in flight at the task that gets it, itself among them. */
export function atTask({ tasks, inFlight }: LatencyAsk): number {
  return Math.floor(inFlight / tasks) + 1;
}

function isSlowOnLambda(onLambda: ServiceTimes, now: Millis): boolean {
  const load = knownClass(onLambda, 1);
  if (load === undefined || now - (onLambda.at[load] ?? 0) >= TRY_AGAIN_MS) return false;
  return onLambda.slow[load] === true;
}

/** The choice in words and figures. */
export function sayLatency(ask: LatencyAsk, choice: LatencyChoice): string {
  const { targetMs, tasks, inFlight, takes } = ask;
  const slots = `${tasks * takes} slots of ${tasks} ${tasks === 1 ? 'task' : 'tasks'}`;
  const target = targetMs === undefined ? '' : sayDuration(targetMs);
  const expected = expectedMs(ask.onTask, atTask(ask));
  const takesSo = expected === undefined ? '' : `a task takes ${sayDuration(expected)}`;
  const lambda = expectedMs(ask.onLambda, 1);
  switch (choice) {
    case 'full':
      return `all ${slots} are in use`;
    case 'within': {
      const free = `Fargate has a free slot (${inFlight} of ${tasks * takes} in use)`;
      return takesSo === '' || target === '' ? free : `${free}, and ${takesSo} of ${target}`;
    }
    case 'slow':
      return `${takesSo} with ${atTask(ask)} at a time, over the target of ${target}`;
    case 'both':
      return `${takesSo}, over the target of ${target}, and Lambda ${sayDuration(lambda ?? 0)}: the task is paid already`;
    case 'try':
      return `${takesSo}, over the target of ${target}, as was seen a minute ago: one is tried`;
  }
}
