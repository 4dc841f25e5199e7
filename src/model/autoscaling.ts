// Application Auto Scaling of a service, as `fulcrum.yml` declares it.

import type { Millis } from '../base/units.ts';
import type { AlarmSettings, Statistic } from './alarm.ts';
import type { MetricId } from './metric.ts';
import type { Schedule } from './schedule.ts';

export interface AutoscalingSettings {
  readonly tracking: readonly TargetTracking[];
  readonly steps: readonly StepScaling[];
  readonly schedules: readonly ScheduledAction[];
  readonly suspended: Suspended;
}

/** What is not carried out. [AAS:application-auto-scaling-suspend-resume-scaling] */
export interface Suspended {
  readonly scaleIn: boolean;
  readonly scaleOut: boolean;
  readonly scheduled: boolean;
}

/** As many tasks as keep a metric at its target. */
export interface TargetTracking {
  readonly name: string;
  readonly metric: MetricId;
  readonly statistic: Statistic;
  readonly target: number;
  /** Period of its alarms: 60 s, or 20 s with high-resolution metrics. */
  readonly periodMs: Millis;
  readonly scaleOutCooldownMs: Millis;
  readonly scaleInCooldownMs: Millis;
  readonly disableScaleIn: boolean;
}

/** An alarm, and how many tasks are added or removed while it lasts. */
export interface StepScaling {
  readonly name: string;
  readonly alarm: AlarmSettings;
  readonly adjustment: Adjustment;
  /** In rising order, without gap or overlap. */
  readonly steps: readonly Step[];
  readonly cooldownMs: Millis;
  /** With `percent`: at least so many tasks. */
  readonly minMagnitude: number;
  /** How the latest datapoints become the one value that chooses a step. */
  readonly aggregation: 'Average' | 'Minimum' | 'Maximum';
}

/** ChangeInCapacity, PercentChangeInCapacity, ExactCapacity. */
export type Adjustment = 'change' | 'percent' | 'exact';

/** Bounds are relative to the threshold of the alarm; undefined is without a bound. */
export interface Step {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly by: number;
}

/** Sets the minimum, the maximum or both at its times. */
export interface ScheduledAction {
  readonly name: string;
  readonly schedule: Schedule;
  readonly startAt: Millis | undefined;
  readonly endAt: Millis | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
}
