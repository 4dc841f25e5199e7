// Step scaling by the rules of system D (docs: "the five systems"): processor use above 60 percent
// for a minute adds a task, below it for five minutes removes one. Fargate only. The steps, alarms
// and cooldowns are those of `../step-scaling.ts` and `../autoscaling.ts`.
//
// Its third rule, a task more above 70 percent of memory, has nothing to see here: the memory that a
// program takes does not follow from its requests.

import { MS_PER_MINUTE, MS_PER_SECOND } from '../../base/units.ts';
import type { Comparison } from '../../model/alarm.ts';
import type { AutoscalingSettings, Step, StepScaling } from '../../model/autoscaling.ts';
import type { PlacementPolicy } from '../placement.ts';
import {
  type Autoscaled,
  type AutoscaledMemory,
  decideAutoscaled,
  PROCESSOR_USE,
  startAutoscaled,
  whyAutoscaled,
} from './autoscaled.ts';

/** Percent of the processor. System D. */
const THRESHOLD_PERCENT = 60;
/** Minutes above it that add a task. System D. */
const MINUTES_HIGH = 1;
/** Minutes below it that remove one. System D. */
const MINUTES_LOW = 5;
/** Seconds. System D does not say; the default. [AAS:step-scaling-policy-overview] */
const COOLDOWN_SECONDS = 300;

const UP: Step = { from: 0, to: undefined, by: 1 };
const DOWN: Step = { from: undefined, to: 0, by: -1 };

const STEPS: readonly StepScaling[] = [
  policyOf('add-one', 'GreaterThanThreshold', MINUTES_HIGH, UP),
  policyOf('remove-one', 'LessThanThreshold', MINUTES_LOW, DOWN),
];

const SETTINGS: AutoscalingSettings = {
  tracking: [],
  steps: STEPS,
  schedules: [],
  suspended: { scaleIn: false, scaleOut: false, scheduled: false },
};

const STEPPED: Autoscaled = {
  settings: SETTINGS,
  alarms: STEPS.map(({ alarm }) => alarm),
  overflow: false,
};

export const stepScaling: PlacementPolicy<AutoscaledMemory> = {
  name: 'step-scaling',
  says: `a task more above ${THRESHOLD_PERCENT} % of the processor, one less below, Fargate only`,
  source:
    'AWS, https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html',
  overflow: false,
  needsForesight: false,
  start: (now, terms) => startAutoscaled(STEPPED, now, terms),
  decide: (memory, seen, terms) => decideAutoscaled(STEPPED, memory, seen, terms),
  why: whyAutoscaled,
};

function policyOf(name: string, comparison: Comparison, minutes: number, step: Step): StepScaling {
  return {
    name,
    alarm: {
      name: `${name}-alarm`,
      metric: PROCESSOR_USE,
      statistic: 'Average',
      comparison,
      threshold: THRESHOLD_PERCENT,
      periodMs: MS_PER_MINUTE,
      datapoints: minutes,
      of: minutes,
      missing: 'missing',
    },
    adjustment: 'change',
    steps: [step],
    cooldownMs: COOLDOWN_SECONDS * MS_PER_SECOND,
    minMagnitude: 1,
    aggregation: 'Average',
  };
}
