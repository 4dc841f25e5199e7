// Scheduled scaling: minimum and maximum change at given times, and the number of tasks with them if
// it is outside. [AAS:scheduled-scaling-policy-overview]
//
// Invariants
//   C1. An action happens at each of its times once, from `startAt` to `endAt`, also at `startAt`.
//   C2. What passed before the beginning does not happen any more.

import type { Millis } from '../base/units.ts';
import type { ScheduledAction } from '../model/autoscaling.ts';
import { nextTime } from '../model/schedule.ts';

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export interface ScheduleMemory {
  readonly bounds: Bounds;
  /** When each action happens next, in the order of the actions. */
  readonly next: readonly (Millis | undefined)[];
}

export interface Scheduled {
  readonly action: ScheduledAction;
  readonly at: Millis;
  /** Undefined when the minimum would be above the maximum: AWS refuses that. */
  readonly bounds: Bounds | undefined;
}

export function startSchedules(
  actions: readonly ScheduledAction[],
  bounds: Bounds,
  now: Millis,
): ScheduleMemory {
  return { bounds, next: actions.map((action) => firstTime(action, now)) };
}

/** What has come to pass since, in the order of time. */
export function runSchedules(
  actions: readonly ScheduledAction[],
  before: ScheduleMemory,
  now: Millis,
  suspended: boolean,
): { readonly memory: ScheduleMemory; readonly done: readonly Scheduled[] } {
  const due: { readonly action: ScheduledAction; readonly at: Millis }[] = [];
  const next = before.next.map((at, index) => {
    const action = actions[index];
    if (action === undefined || at === undefined || at > now) return at;
    due.push({ action, at });
    // Of several times that were slept through, the last one counts.
    return within(action, nextTime(action.schedule, now, action.startAt ?? at));
  });
  let { bounds } = before;
  const done: Scheduled[] = [];
  if (!suspended) {
    for (const { action, at } of due.sort((a, b) => a.at - b.at)) {
      const wanted = { min: action.min ?? bounds.min, max: action.max ?? bounds.max };
      const possible = wanted.min <= wanted.max;
      if (possible) bounds = wanted;
      done.push({ action, at, bounds: possible ? wanted : undefined });
    }
  }
  return { memory: { bounds, next }, done };
}

function firstTime(action: ScheduledAction, now: Millis): Millis | undefined {
  const { schedule, startAt } = action;
  if (startAt !== undefined && startAt >= now) return within(action, startAt);
  return within(action, nextTime(schedule, now, startAt ?? now));
}

function within({ endAt }: ScheduledAction, at: Millis | undefined): Millis | undefined {
  return at === undefined || (endAt !== undefined && at > endAt) ? undefined : at;
}
