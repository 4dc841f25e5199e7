// All placement policies, in the order in which they are shown.

import { levelCounter } from './level-counter.ts';
import type { PlacementPolicy } from './placement.ts';
import { expertHedge } from './rivals/expert-hedge.ts';
import { knativeKpa } from './rivals/knative-kpa.ts';
import { lambdaOnly } from './rivals/lambda-only.ts';
import { libra } from './rivals/libra.ts';
import { markGreedy } from './rivals/mark-greedy.ts';
import { newsvendor } from './rivals/newsvendor.ts';
import { serviceSwitch } from './rivals/service-switch.ts';
import { spockReactive } from './rivals/spock-reactive.ts';
import { staticBest } from './rivals/static-best.ts';
import { staticPeak } from './rivals/static-peak.ts';
import { stepScaling } from './rivals/step-scaling.ts';
import { targetTracking, targetTrackingOverflow } from './rivals/target-tracking.ts';

export const PLACEMENT_POLICIES: readonly PlacementPolicy[] = [
  levelCounter,
  lambdaOnly,
  staticPeak,
  staticBest,
  targetTracking,
  targetTrackingOverflow,
  stepScaling,
  knativeKpa,
  libra,
  spockReactive,
  markGreedy,
  newsvendor,
  expertHedge,
  serviceSwitch,
];

export function placementPolicy(name: string): PlacementPolicy | undefined {
  return PLACEMENT_POLICIES.find((policy) => policy.name === name);
}
