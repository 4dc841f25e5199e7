// Target tracking: two alarms around a target, and as many tasks as bring the metric to it.
//
// The closed formula is not published. Out: ceil(running × metric ÷ target); in: the smallest number
// of tasks that keeps the metric at or below the target, which is the same number. Example: 2 tasks
// at 90 % for a target of 60 % → 3; 4 tasks at 40 % → 3, at 46 % → 4, as three would have 61 %.
// [AAS:target-tracking-scaling-policy-overview]

import type { AlarmSettings, DatapointsOf } from '../model/alarm.ts';
import type { Assumptions } from '../model/app.ts';
import type { TargetTracking } from '../model/autoscaling.ts';

export interface TrackingAlarms {
  readonly high: AlarmSettings;
  readonly low: AlarmSettings;
}

/** The alarms that AWS makes for a policy. `of` is "service/<cluster>/<service>". */
export function trackingAlarms(
  policy: TargetTracking,
  resource: string,
  assume: Pick<Assumptions, 'trackingHigh' | 'trackingLow' | 'trackingLowShare'>,
): TrackingAlarms {
  const { name, metric, statistic, periodMs, target } = policy;
  const alarm = (kind: string, { datapoints, of }: DatapointsOf) => ({
    name: `TargetTracking-${resource}-Alarm${kind}-${name}`,
    metric,
    statistic,
    periodMs,
    datapoints,
    of,
    missing: 'missing' as const,
  });
  return {
    high: {
      ...alarm('High', assume.trackingHigh),
      comparison: 'GreaterThanThreshold',
      threshold: target,
    },
    low: {
      ...alarm('Low', assume.trackingLow),
      comparison: 'LessThanThreshold',
      threshold: target * assume.trackingLowShare,
    },
  };
}

/** With AlarmHigh in ALARM. From no task it is one: there is nothing the metric is a part of. */
export function tasksOut({ target }: TargetTracking, running: number, metric: number): number {
  if (metric <= target) return running;
  return running === 0 ? 1 : ceil((running * metric) / target);
}

/** With AlarmLow in ALARM. Never more than run. */
export function tasksIn({ target }: TargetTracking, running: number, metric: number): number {
  return Math.min(running, ceil((running * metric) / target));
}

/** 3 × 60 ÷ 60 is 3, whatever floating point makes of it. */
function ceil(value: number): number {
  return Math.max(0, Math.ceil(value - 1e-9));
}
