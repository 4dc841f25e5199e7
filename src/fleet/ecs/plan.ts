// What the scheduler does next: how many tasks it starts and how many of which kind it stops.
//
// Numbers in, numbers out; who exactly starts and leaves is decided elsewhere. A plan is made again
// after it was carried out, as what leaves makes room for what starts.
//
// Invariants
//   P1. Tasks that run or are starting do not exceed the maximum through a start.
//   P2. Healthy tasks do not fall below the minimum through a stop.

import type { Tally } from './deployment.ts';
import type { Bounds } from './percent.ts';

export interface Situation {
  readonly desired: number;
  readonly bounds: Bounds;
  /** Tasks of the primary deployment, and of all the others. */
  readonly fresh: Readonly<Tally>;
  readonly old: Readonly<Tally>;
  /** The primary deployment has failed: it starts nothing. */
  readonly stalled: boolean;
  /** Starts that are allowed now, as starts fail or no zone is there. */
  readonly startLimit: number;
  /** Tasks above what is desired, started to bring the zones into balance. */
  readonly balancing: number;
  /** Tasks on their way out because they failed a check. */
  readonly leavingUnhealthy: number;
}

export interface Plan {
  readonly start: number;
  /** Of the primary deployment, none that fails its checks: they are too many. */
  readonly stopSurplus: number;
  /** Of the primary deployment, those that fail their checks: healthy ones have taken their place. */
  readonly stopReplaced: number;
  /** Of the other deployments. */
  readonly stopOld: number;
  /** One of those that fail their checks, at random: there is no room for its replacement. */
  readonly stopAtRandom: boolean;
  /** The bounds allow neither a start nor a stop, and nothing is under way that could change it. */
  readonly stuck: boolean;
}

export function planOf(now: Situation): Plan {
  const { desired, bounds, fresh, old, stalled } = now;
  const wanted = desired + now.balancing;
  const sound = fresh.live - fresh.failing;
  const need = stalled ? 0 : Math.min(Math.max(0, wanted - sound), now.startLimit);
  const room = Math.max(0, bounds.max - fresh.live - old.live);
  const start = Math.min(need, room);
  const lack = need - start;

  const stopSurplus = Math.max(0, sound - wanted);
  const stopReplaced = replacedOf(now);
  const healthyAfter =
    fresh.healthy + old.healthy - Math.max(0, stopSurplus - (sound - fresh.healthy));
  const mayStop = old.live - old.healthy + Math.max(0, healthyAfter - bounds.min);
  const stopOld = Math.min(old.live, Math.max(lack, surplusOld(now)), mayStop);

  const blocked = lack > 0 && start + stopSurplus + stopReplaced + stopOld === 0;
  const settled = fresh.live - fresh.failing === fresh.healthy && now.leavingUnhealthy === 0;
  return {
    start,
    stopSurplus,
    stopReplaced,
    stopOld,
    stopAtRandom: blocked && settled && fresh.failing > 0,
    stuck: blocked && fresh.failing === 0 && fresh.live === fresh.healthy && old.leaving === 0,
  };
}

/** Each healthy task takes the place of one that fails. [ECS:ecs_services] */
function replacedOf({ desired, fresh, old, stalled }: Situation): number {
  const healthy = fresh.healthy + (stalled ? old.healthy : 0);
  return Math.max(0, fresh.failing - Math.max(0, desired - healthy));
}

/** Each healthy task of the primary deployment takes the place of one of the others. */
function surplusOld({ desired, fresh, old, stalled }: Situation): number {
  return Math.max(0, old.live - Math.max(0, desired - (stalled ? 0 : fresh.healthy)));
}
