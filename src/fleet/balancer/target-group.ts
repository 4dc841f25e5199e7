// The targets of one group of a load balancer: who is healthy, who is leaving, and who takes the
// next request.

import type { Millis } from '../../base/units.ts';
import type { TargetHealth } from '../../model/ecs.ts';

/** What one health check found. */
export type CheckResult =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'timeout' }
  /** No connection, or no HTTP: with the reason in words. */
  | { readonly kind: 'failed'; readonly problem: string };

/** The health of a target changed. "unused" is the last: it is not in the group any more. */
export interface TargetChange {
  readonly id: string;
  readonly health: TargetHealth;
}

export interface Pick {
  /** Also a target without a free slot; and any at all when every one is unhealthy (fail open). */
  readonly beyond: boolean;
  /** The target that a cookie names: taken if it is healthy. */
  readonly sticky: string | undefined;
}

export interface TargetGroup {
  register(id: string, zone: string, now: Millis): readonly TargetChange[];
  /** It finishes what it has; no longer than the deregistration delay. */
  deregister(id: string, now: Millis): readonly TargetChange[];
  checked(id: string, result: CheckResult, now: Millis): readonly TargetChange[];
  /** The target of the next request, which counts as in flight until `release`. */
  pick(ask: Pick, now: Millis): string | undefined;
  release(id: string, now: Millis): readonly TargetChange[];
  /** To be called about once a second: drains that are over end. */
  tick(now: Millis): readonly TargetChange[];
  health(id: string): TargetHealth | undefined;
  targets(): readonly Target[];
  counts(): TargetCounts;
}

export interface Target {
  readonly id: string;
  readonly zone: string;
  readonly health: TargetHealth;
  readonly inFlight: number;
  readonly registeredAt: Millis;
}

export interface TargetCounts {
  readonly initial: number;
  readonly healthy: number;
  readonly unhealthy: number;
  readonly draining: number;
  /** Every registered target is unhealthy: requests go to all of them. */
  readonly failOpen: boolean;
  /** Requests in flight at healthy targets, and how many they may have. */
  readonly slotsInUse: number;
  readonly slots: number;
}
