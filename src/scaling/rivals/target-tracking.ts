// AWS target tracking on the processor use of the tasks, alone and with Lambda for what they cannot
// carry. Three minutes above the target add tasks in proportion; fifteen below nine tenths of it
// remove some. The alarms and the numbers of tasks are those of `../target-tracking.ts`.
//
// Example: 2 tasks at 90 percent for three minutes are ceil(2 × 90 ÷ 60) = 3.

import { MS_PER_MINUTE, MS_PER_SECOND } from '../../base/units.ts';
import type { AutoscalingSettings, TargetTracking } from '../../model/autoscaling.ts';
import type { PlacementPolicy } from '../placement.ts';
import { trackingAlarms } from '../target-tracking.ts';
import {
  type Autoscaled,
  type AutoscaledMemory,
  decideAutoscaled,
  PROCESSOR_USE,
  startAutoscaled,
  whyAutoscaled,
} from './autoscaled.ts';

/** Percent. What system D and AWS's examples ask for. */
const TARGET_PERCENT = 60;
/** Seconds. What AWS's examples set; it is 300 where nothing is set. [ECS:service-autoscaling-targettracking] */
const SCALE_OUT_COOLDOWN_SECONDS = 60;
/** Seconds. The default. [AAS:target-tracking-scaling-policy-overview] */
const SCALE_IN_COOLDOWN_SECONDS = 300;
/** Datapoints of a minute above the target. Seen of AWS, aws/containers-roadmap#1208. */
const HIGH = { datapoints: 3, of: 3 } as const;
/** The same below `LOW_SHARE` of it. */
const LOW = { datapoints: 15, of: 15 } as const;
const LOW_SHARE = 0.9;

const POLICY: TargetTracking = {
  name: 'target-tracking',
  metric: PROCESSOR_USE,
  statistic: 'Average',
  target: TARGET_PERCENT,
  periodMs: MS_PER_MINUTE,
  scaleOutCooldownMs: SCALE_OUT_COOLDOWN_SECONDS * MS_PER_SECOND,
  scaleInCooldownMs: SCALE_IN_COOLDOWN_SECONDS * MS_PER_SECOND,
  disableScaleIn: false,
};

const SETTINGS: AutoscalingSettings = {
  tracking: [POLICY],
  steps: [],
  schedules: [],
  suspended: { scaleIn: false, scaleOut: false, scheduled: false },
};

const { high, low } = trackingAlarms(POLICY, 'service', {
  trackingHigh: HIGH,
  trackingLow: LOW,
  trackingLowShare: LOW_SHARE,
});

const ALONE: Autoscaled = { settings: SETTINGS, alarms: [high, low], overflow: false };
const WITH_LAMBDA: Autoscaled = { ...ALONE, overflow: true };

const base = {
  source:
    'AWS, https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html',
  needsForesight: false,
  start: (now, terms) => startAutoscaled(ALONE, now, terms),
  why: whyAutoscaled,
} satisfies Partial<PlacementPolicy<AutoscaledMemory>>;

export const targetTracking: PlacementPolicy<AutoscaledMemory> = {
  ...base,
  name: 'target-tracking',
  says: `AWS target tracking at ${TARGET_PERCENT} % of the processor, Fargate only`,
  overflow: false,
  decide: (memory, seen, terms) => decideAutoscaled(ALONE, memory, seen, terms),
};

export const targetTrackingOverflow: PlacementPolicy<AutoscaledMemory> = {
  ...base,
  name: 'target-tracking-overflow',
  says: `AWS target tracking at ${TARGET_PERCENT} % of the processor, and Lambda for the rest`,
  overflow: true,
  decide: (memory, seen, terms) => decideAutoscaled(WITH_LAMBDA, memory, seen, terms),
};
