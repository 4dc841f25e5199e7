// A fleet as Application Auto Scaling keeps it: CloudWatch's mean of the processor use of each
// minute, alarms upon it, and what `autoscaling.ts` makes of them. The engine runs the same code.
//
// The processor use is the part of the capacity that is used, as both simulators count it: a task
// that carries its full rate is at 100 percent. In a minute without a task there is no datapoint.
// A service that is scaled by its own processor use cannot leave zero, so one task stays.

import { type Millis, MS_PER_MINUTE, MS_PER_SECOND } from '../../base/units.ts';
import type { AlarmSettings } from '../../model/alarm.ts';
import type { AutoscalingSettings } from '../../model/autoscaling.ts';
import { type AlarmMemory, type AlarmPoint, evaluateAlarm, startAlarm } from '../alarm.ts';
import {
  type AlarmView,
  type AutoscalingMemory,
  autoscale,
  startAutoscaling,
} from '../autoscaling.ts';
import type { PlacementReason, PlacementSeen, PlacementTerms } from '../placement.ts';
import { type Period, periodsEnded } from './period.ts';
import { tasksWithin } from './tasks-within.ts';

export const PROCESSOR_USE = {
  namespace: 'AWS/ECS',
  name: 'CPUUtilization',
  dimensions: {},
} as const;

/** CloudWatch publishes the metrics of ECS once a minute. [ECS:cloudwatch-metrics] */
const MINUTE_SECONDS = MS_PER_MINUTE / MS_PER_SECOND;

/** Datapoints an alarm looks back beyond its own when some are missing: `local.assume.alarmLookBack`. */
const LOOK_BACK = 2;

/** Autoscaling by processor use cannot leave zero. [ECS:available-metrics] */
const LEAST_TASKS = 1;

export interface Autoscaled {
  readonly settings: AutoscalingSettings;
  /** Those of its policies of target tracking, high and low in turn, and then those of its steps. */
  readonly alarms: readonly AlarmSettings[];
}

export interface AutoscaledMemory {
  /** On a clock that only counts what was seen. */
  clock: Millis;
  readonly minute: Period;
  /** Of this minute: processor use in percent × seconds, and the seconds that had tasks. */
  used: number;
  usedSeconds: number;
  /** Of whole minutes, the latest first. */
  points: AlarmPoint[];
  readonly alarms: AlarmMemory[];
  scaling: AutoscalingMemory;
  desired: number;
  reason: string;
}

export function startAutoscaled(
  { settings, alarms }: Autoscaled,
  now: number,
  terms: PlacementTerms,
): AutoscaledMemory {
  const clock = now * MS_PER_SECOND;
  const min = least(terms);
  return {
    clock,
    minute: { passed: 0 },
    used: 0,
    usedSeconds: 0,
    points: [],
    alarms: alarms.map(() => startAlarm(clock)),
    scaling: startAutoscaling(settings, { min, max: terms.maxTasks }, clock),
    desired: min,
    reason: 'no alarm yet',
  };
}

export function decideAutoscaled(
  autoscaled: Autoscaled,
  memory: AutoscaledMemory,
  seen: PlacementSeen,
  terms: PlacementTerms,
): number {
  memory.clock += seen.span * MS_PER_SECOND;
  if (seen.utilization >= 0) {
    memory.used += seen.utilization * 100 * seen.span;
    memory.usedSeconds += seen.span;
  }
  const minutes = periodsEnded(memory.minute, MINUTE_SECONDS, seen.span);
  if (minutes > 0) endMinutes(autoscaled, memory, minutes, seen.ready);
  return Math.min(terms.maxTasks, Math.max(least(terms), memory.desired));
}

function endMinutes(
  { settings, alarms }: Autoscaled,
  memory: AutoscaledMemory,
  minutes: number,
  running: number,
): void {
  const kept = Math.max(...alarms.map(({ of }) => of)) + LOOK_BACK;
  const value = memory.usedSeconds > 0 ? memory.used / memory.usedSeconds : undefined;
  const ended = Math.min(minutes, kept);
  for (let ago = ended - 1; ago >= 0; ago -= 1) {
    memory.points.unshift({ at: memory.clock - (ago + 1) * MS_PER_MINUTE, value });
  }
  memory.points.length = Math.min(memory.points.length, kept);
  memory.used = 0;
  memory.usedSeconds = 0;
  const views = alarms.map((alarm, index) => viewOf(alarm, index, memory));
  const tracking = settings.tracking.flatMap((_, index) => {
    const high = views[2 * index];
    const low = views[2 * index + 1];
    return high === undefined || low === undefined ? [] : [{ high, low }];
  });
  const decision = autoscale(
    settings,
    {
      running,
      desired: memory.desired,
      deploying: false,
      tracking,
      steps: views.slice(2 * settings.tracking.length),
    },
    memory.scaling,
    memory.clock,
  );
  memory.scaling = decision.memory;
  memory.desired = decision.desired;
  if (decision.reason !== undefined) memory.reason = decision.reason;
}

/** Auto Scaling is told of an alarm once a minute for as long as it lasts. [CW:alarm-actions] */
function viewOf(alarm: AlarmSettings, index: number, memory: AutoscaledMemory): AlarmView {
  const range = memory.points.slice(0, alarm.of + LOOK_BACK);
  const before = memory.alarms[index] ?? startAlarm(memory.clock);
  const after = evaluateAlarm(alarm, range, before, memory.clock);
  memory.alarms[index] = after;
  const values = range.flatMap(({ value }) => (value === undefined ? [] : [value]));
  return {
    name: alarm.name,
    state: after.state,
    due: after.state === 'ALARM',
    values: values.slice(0, alarm.of),
  };
}

export function whyAutoscaled(memory: AutoscaledMemory): PlacementReason {
  const latest = memory.points[0]?.value;
  return {
    text: `${memory.desired} tasks: ${memory.reason}`,
    figures: {
      tasks: memory.desired,
      ...(latest === undefined ? {} : { processorPercent: latest }),
    },
  };
}

function least(terms: PlacementTerms): number {
  return tasksWithin({ minTasks: LEAST_TASKS, maxTasks: terms.maxTasks }, terms.minTasks);
}
