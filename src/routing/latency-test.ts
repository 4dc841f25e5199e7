// Whether a request may go to Fargate: only if it will meet the latency target there. Where Lambda
// would not meet it either, it goes where it costs nothing more: to the task that is paid already.
//
// With fewer requests in flight than the tasks take, one that is let in begins at once, so its
// completion is what requests of its route took at that load. With all slots in use it would have to
// wait for one of them: it goes to Lambda.
//
// What is not known is learned from probes (service-times.ts): the first request of a route goes to a
// task alone, and each that is answered in time lets one more in, until enough were. With more in flight
// than was seen to be in time, requests are taken to slow one another down as on one processor; where
// that would be too slow, one more at a time shows whether they do. A route that was too slow is tried
// again now and then.
//
// Invariants
//   P1. Never more in flight than the tasks take.
//   P2. Without a target, the slots alone decide.

import { type Millis, sayDuration } from '../base/units.ts';
import {
  ENOUGH_TIMES,
  expectedMs,
  expectedOf,
  knownClass,
  type ServiceTimes,
  seenUpTo,
  tryAgainAt,
} from './service-times.ts';

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

/** A task is started to try a route again after so many times as long as one that is there is asked. */
const LONGER = 6;

/** What is known of Lambda is too old after this. */
const TOO_OLD_MS: Millis = 60_000;

/** Two deviations below the mean: 19 of 20 take longer, where times are normal. */
const NEARLY_ALL = 2;

/**
 * A task is as fast as Lambda up to so many times what that takes usually, and so many standard errors of
 * the mean; at the load there is, where fewer requests are known of, up to twice that.
 */
const AS_FAST = 1.1;
const ERRORS = 3;
const NEAR = 2;

/**
 * `within`: a task serves it in time, as far as is known. `full`: no slot is free. `slow`: it would
 * be late. `both`: it would be late on Lambda too. `first`: it shows what is not known yet. `unknown`:
 * others are on their way to show that. `try`: it would be late, as was known a while ago. Whoever sends
 * a `first` or a `try` to a task calls `probe`.
 */
export type LatencyChoice = 'within' | 'full' | 'slow' | 'both' | 'first' | 'unknown' | 'try';

export const goesToTask = (choice: LatencyChoice): boolean =>
  choice === 'within' || choice === 'both' || isProbe(choice);

export const isProbe = (choice: LatencyChoice): boolean => choice === 'first' || choice === 'try';

export function latencyTest(ask: LatencyAsk, now: Millis): LatencyChoice {
  const { targetMs, onTask } = ask;
  if (ask.inFlight >= ask.tasks * ask.takes) return 'full';
  if (targetMs === undefined) return 'within';
  const inFlight = atTask(ask);
  const load = knownClass(onTask, inFlight);
  if (load === undefined) return probes(onTask, seenUpTo(onTask, inFlight));
  if (onTask.slow[load] === true) {
    if (now >= tryAgainAt(onTask, load)) return 'try';
    return isSlowOnLambda(ask, load, now) ? 'both' : 'slow';
  }
  const slower = Math.max(1, inFlight / Math.max(1, onTask.proven));
  return expectedOf(onTask, load) * slower > targetMs && slower > 1 ? probes(onTask, 0) : 'within';
}

/**
 * A task would be late with it even if it had nothing else to do, and Lambda would not: it is no reason
 * to have one.
 */
export function isTooSlow(ask: Pick<LatencyAsk, 'targetMs' | 'onTask' | 'onLambda'>, now: Millis) {
  const { targetMs, onTask, onLambda } = ask;
  if (targetMs === undefined || onTask.slow[0] !== true) return false;
  return (
    now < tryAgainAt(onTask, 0, LONGER) && !isSlowOnLambda({ targetMs, onTask, onLambda }, 0, now)
  );
}

/** One probe at a time, and one more for each answer. */
function probes(onTask: ServiceTimes, answers: number): LatencyChoice {
  return onTask.probing <= answers ? 'first' : 'unknown';
}

/** Requests in flight at the task that gets it, itself among them. */
export function atTask({ tasks, inFlight }: LatencyAsk): number {
  return Math.floor(inFlight / tasks) + 1;
}

/**
 * Lambda is late with nearly all of its requests, or it is late with some of them and a task, being as
 * fast, would be with the same.
 */
function isSlowOnLambda(
  { targetMs, onTask, onLambda }: Pick<LatencyAsk, 'targetMs' | 'onTask' | 'onLambda'>,
  load: number,
  now: Millis,
): boolean {
  if (targetMs === undefined || (onLambda.samples[0] ?? 0) < ENOUGH_TIMES) return false;
  if (now - (onLambda.at[0] ?? 0) >= TOO_OLD_MS) return false;
  if (expectedOf(onLambda, 0, -NEARLY_ALL) > targetMs) return true;
  if (onLambda.slow[0] !== true || (onTask.meanMs[load] ?? 0) > onLambda.usualMs * NEAR)
    return false;
  const of = Math.max(1, Math.min(onTask.usualOf, onLambda.usualOf));
  const chance = (ERRORS * (onLambda.deviationMs[0] ?? 0)) / Math.sqrt(of);
  return onTask.usualMs <= onLambda.usualMs * AS_FAST + chance;
}

/** The choice in words and figures. It is said of each request. */
export function sayLatency(ask: LatencyAsk, choice: LatencyChoice): string {
  const { targetMs, tasks, inFlight, takes, onTask } = ask;
  switch (choice) {
    case 'full': {
      const slots = `${tasks * takes} slots of ${tasks} ${tasks === 1 ? 'task' : 'tasks'}`;
      return `all ${slots} are in use`;
    }
    case 'within': {
      const free = `Fargate has a free slot (${inFlight} of ${tasks * takes} in use)`;
      const load = targetMs === undefined ? undefined : knownClass(onTask, atTask(ask));
      if (load === undefined) return free;
      return `${free}, and a task takes ${sayDuration(onTask.meanMs[load] ?? 0)} of ${sayTarget(ask)}`;
    }
    case 'slow':
      return `${sayExpected(ask)} with ${atTask(ask)} at a time, over the target of ${sayTarget(ask)}`;
    case 'both': {
      const lambda = sayDuration(expectedMs(ask.onLambda, 1) ?? 0);
      return `${sayExpected(ask)}, over the target of ${sayTarget(ask)}, and Lambda up to ${lambda}: the task is paid already`;
    }
    case 'first':
      return `it shows whether a task meets ${sayTarget(ask)} with ${atTask(ask)} at a time`;
    case 'unknown': {
      const { probing } = onTask;
      const others = probing === 1 ? 'one request shows' : `${probing} requests show`;
      return `${others} first whether a task meets ${sayTarget(ask)} with ${atTask(ask)} at a time`;
    }
    case 'try':
      return `${sayExpected(ask)}, over the target of ${sayTarget(ask)}, as was seen a while ago: one is tried`;
  }
}

const sayTarget = ({ targetMs = 0 }: LatencyAsk): string => sayDuration(targetMs);

const sayExpected = (ask: LatencyAsk): string =>
  `a task takes up to ${sayDuration(expectedMs(ask.onTask, atTask(ask)) ?? 0)}`;
