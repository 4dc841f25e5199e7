// Plays an autoscaled service minute by minute on a virtual clock: metrics in, tasks out.

import { MS_PER_MINUTE } from '../../src/base/units.ts';
import type { AlarmSettings } from '../../src/model/alarm.ts';
import type { AutoscalingSettings } from '../../src/model/autoscaling.ts';
import { type AlarmMemory, evaluateAlarm, startAlarm } from '../../src/scaling/alarm.ts';
import {
  type AlarmView,
  type AutoscalingDecision,
  autoscale,
  startAutoscaling,
} from '../../src/scaling/autoscaling.ts';
import { trackingAlarms } from '../../src/scaling/target-tracking.ts';

/** Metrics of a minute, "cpu" and "memory" or by name; undefined is no datapoint. They may depend on the tasks that run. */
export type Minute = (
  running: number,
  minute: number,
) => Readonly<Record<string, number | undefined>>;

export interface PlayOptions {
  readonly tasks: { readonly min: number; readonly max: number };
  readonly minutes: number;
  readonly start?: number;
  readonly desired?: number;
  /** Tasks run so many minutes after they are wanted. */
  readonly lateBy?: number;
  readonly deploying?: (minute: number) => boolean;
}

export interface Played {
  readonly minute: number;
  readonly desired: number;
  readonly decision: AutoscalingDecision;
}

export const ASSUME = {
  trackingHigh: { datapoints: 3, of: 3 },
  trackingLow: { datapoints: 15, of: 15 },
  trackingLowShare: 0.9,
};

const LOOK_BACK = 2;

/** The state after each minute, the first after minute 1. */
export function play(
  settings: AutoscalingSettings,
  metrics: Minute,
  { tasks, minutes, start = 0, desired: first, lateBy = 0, deploying }: PlayOptions,
): readonly Played[] {
  let memory = startAutoscaling(settings, tasks, start);
  const wanted = [first ?? tasks.min];
  const seen: Readonly<Record<string, number | undefined>>[] = [];
  const alarms = settings.tracking.map((policy) =>
    trackingAlarms(policy, 'service/app/api', ASSUME),
  );
  const all = [
    ...alarms.flatMap(({ high, low }) => [high, low]),
    ...settings.steps.map(({ alarm }) => alarm),
  ];
  const memories = new Map<string, AlarmMemory>(all.map(({ name }) => [name, startAlarm(start)]));
  const played: Played[] = [];
  for (let minute = 1; minute <= minutes; minute += 1) {
    const now = start + minute * MS_PER_MINUTE;
    const desired = wanted.at(-1) ?? 0;
    const running = wanted[Math.max(0, wanted.length - 1 - lateBy)] ?? 0;
    const { cpu, memory: held, ...others } = metrics(running, minute);
    seen.unshift({ CPUUtilization: cpu, MemoryUtilization: held, ...others });
    const view = (alarm: AlarmSettings): AlarmView => {
      const range = Array.from({ length: alarm.of + LOOK_BACK }, (_, index) => ({
        at: now - (index + 1) * alarm.periodMs,
        value: seen[index]?.[alarm.metric.name],
      }));
      const before = memories.get(alarm.name) ?? startAlarm(start);
      const after = evaluateAlarm(alarm, range, before, now);
      memories.set(alarm.name, after);
      const values = range.flatMap(({ value }) => (value === undefined ? [] : [value]));
      const due = after.state === 'ALARM';
      return { name: alarm.name, state: after.state, due, values: values.slice(0, alarm.of) };
    };
    const decision = autoscale(
      settings,
      {
        running,
        desired,
        deploying: deploying?.(minute) ?? false,
        tracking: alarms.map(({ high, low }) => ({ high: view(high), low: view(low) })),
        steps: settings.steps.map(({ alarm }) => view(alarm)),
      },
      memory,
      now,
    );
    memory = decision.memory;
    wanted.push(decision.desired);
    played.push({ minute, desired: decision.desired, decision });
  }
  return played;
}
