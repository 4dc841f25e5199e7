// The control tick: observe, decide, act, once a second. Deciding is done by `scaling/`; this file
// only gathers what it needs and carries out what it says.
//
// Who decides on a service: its `autoscaling` if it has one; a placement policy if it is on both
// computes; demand if it is on Fargate alone, where every request in flight needs a task.

import type { Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import { demandPolicy } from '../../scaling/demand-policy.ts';
import type { PlacementPolicy } from '../../scaling/placement.ts';
import { autoScaler } from './auto-scaler.ts';
import type { PlacementPrices } from './placement-prices.ts';
import { placementScaler } from './placement-scaler.ts';
import { Activities, type Scaled, type Scaler } from './scaler.ts';
import type { ServiceLearning } from './service-learning.ts';
import { type Seen, ServiceWatch } from './service-watch.ts';

export const TICK_MS: Millis = 1000;

export interface Placing {
  readonly policy: PlacementPolicy;
  readonly rng: Rng;
  readonly learning: ServiceLearning;
  readonly prices: PlacementPrices;
}

/** `placing` of a service that is on both computes. */
export function scaler(scaled: Scaled, placing: Placing | undefined): Scaler {
  const { autoscaling } = scaled.settings;
  if (autoscaling !== undefined) return autoScaler(scaled, autoscaling);
  if (placing === undefined) return demandScaler(scaled);
  return placementScaler(scaled, placing);
}

function demandScaler(scaled: Scaled): Scaler {
  const { track } = scaled;
  const watch = new ServiceWatch(scaled);
  const activities = new Activities(scaled);
  let memory = demandPolicy.start(scaled.startedAt);
  let seen: Seen | undefined;
  return {
    observe(now) {
      seen = watch.observe(now);
      return seen.use;
    },
    act(now, wall) {
      if (seen === undefined) return;
      const counts = track.counts();
      const observation = {
        settings: scaled.settings,
        running: counts.pending + counts.running,
        desired: counts.desired,
        ...seen.load,
        cpuPercent: seen.use.cpuPercent,
        memoryPercent: seen.use.memoryPercent,
        breakEvenConcurrency: undefined,
      };
      const decision = demandPolicy.decide(observation, memory, now);
      memory = decision.memory;
      const { desired: to, reason } = decision;
      activities.scale({ from: counts.desired, to, reason, at: wall });
      track.tick();
    },
    status: () => ({
      by: 'demand',
      min: scaled.settings.tasks.min,
      max: scaled.settings.tasks.max,
      ...activities.status(),
      rules: undefined,
      held: undefined,
      policies: [],
    }),
  };
}
