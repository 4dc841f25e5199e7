// What a simulation of single requests takes and gives.

import type { Rng } from '../../base/ports.ts';
import type { Foresight, PlacementPolicy, PlacementReason } from '../../scaling/placement.ts';
import type { SimProfile } from '../profile.ts';
import type { PolicyResult, SimProgress } from '../result.ts';
import type { Arrivals } from './arrivals.ts';
import type { TaskFault } from './faults.ts';
import type { TaskChoice } from './tasks.ts';

export interface EventSettings {
  /** Read to its end: made anew for each policy, with the same stream of chance. */
  readonly arrivals: Arrivals;
  readonly profile: SimProfile;
  readonly policy: PlacementPolicy;
  /** Of all streams: sizes, init, idle, start-up, faults, policy. */
  readonly seed: number;
  readonly foresight?: Foresight | undefined;
  readonly progress?: SimProgress | undefined;
  /** At most so many parts of the time in the series. Default 400. */
  readonly points?: number | undefined;
  readonly faults?: readonly TaskFault[] | undefined;
  /** How long each start took that was recorded, in the order of the decisions; then as the profile has it. */
  readonly starts?: readonly RecordedStart[] | undefined;
  /** Told each change of the number of tasks wanted. */
  readonly decisions?: ((decision: EventDecision) => void) | undefined;
  /** Seconds between two calls of the policy. Default 1. */
  readonly tick?: number | undefined;
  /** Default `least-outstanding`. */
  readonly choice?: TaskChoice | undefined;
  /**
   * What is known of a request before it is served.
   * - `learned`: what those before it took, by the same test that the engine makes. The default.
   * - `unknown`: the same, and in the beginning nothing is known of tasks, as in an engine that has
   *   just started.
   * - `exact`: what it will take itself, which nobody knows: no request is late because of placement.
   */
  readonly prediction?: 'learned' | 'unknown' | 'exact' | undefined;
  /**
   * How much larger than the mean a request is, of mean 1: its time is the mean of the compute times
   * that. Left out: lognormal, as the profile has it. A request is as large on one compute as on the
   * other.
   */
  readonly sizes?: ((rng: Rng) => number) | undefined;
  /**
   * A request that waited for a task for longer gets a 504. Default 60 s, the idle timeout of an
   * Application Load Balancer.
   */
  readonly doorTimeoutSeconds?: number | undefined;
}

/** Seconds from the decision until the task takes requests, and the part of them that is billed. */
export interface RecordedStart {
  readonly startSeconds: number;
  readonly billedSeconds: number;
}

export interface EventDecision {
  /** Seconds from the beginning. */
  readonly at: number;
  /** Tasks wanted before and after. */
  readonly from: number;
  readonly to: number;
  readonly reason: PlacementReason;
}

export interface EventResult extends PolicyResult {
  /** Length of what was simulated, seconds, without gaps. */
  readonly seconds: number;
  /** Things that happened: arrivals, ends of requests, ticks, changes of tasks. */
  readonly events: number;
  /** In flight at a task that crashed, was taken away or stopped before they had ended. */
  readonly lost: number;
  /** Of `refused`: Lambda had no room (429). */
  readonly throttled: number;
  /** Of `refused`: waited for a task for too long (504). */
  readonly timedOut: number;
  readonly environments: EnvironmentFigures;
  readonly tasks: TaskFigures;
}

export interface EnvironmentFigures {
  /** Mean of those that are there, busy or idle, and of the busy ones alone. */
  readonly mean: number;
  readonly meanBusy: number;
  /** Most that were busy at a time. */
  readonly mostBusy: number;
  /** By number of busy environments: seconds that it was so. */
  readonly busySeconds: Float64Array;
  /** Requests billed, ms: durations and INIT, each rounded up together. */
  readonly billedMs: number;
}

export interface TaskFigures {
  readonly billedSeconds: number;
  /** Means over the whole time. */
  readonly meanReady: number;
  readonly meanInFlight: number;
  /** Requests that waited for a free slot, and for how long all of them together, seconds. */
  readonly waited: number;
  readonly waitedSeconds: number;
  readonly crashed: number;
}
