// What a simulation is asked for, and what it tells meanwhile: plain values that a thread can be
// handed.

import type { FaultCode } from '../base/fault.ts';
import type { Demand } from '../sim/demand.ts';
import { firstDays, rescaled, toMean } from '../sim/demand-changes.ts';
import { demandOfCounts } from '../sim/demand-of-traffic.ts';
import type { SimProfile } from '../sim/profile.ts';
import type { CostOverLoad, Fidelity, PolicyResult } from '../sim/result.ts';
import { demandOfSynthetic } from '../sim/synthetic.ts';
import type { RecordedArrivals } from '../traffic/stored-arrivals.ts';

export type DemandSource =
  | {
      readonly kind: 'counts';
      readonly name: string;
      readonly stepSeconds: number;
      /** NaN: a gap. */
      readonly counts: Float64Array;
    }
  | { readonly kind: 'synthetic'; readonly spec: string; readonly days: number };

/** Times so much, or to so many requests a second; undefined: as it is. */
export type Scaling = { readonly factor: number } | { readonly meanRate: number } | undefined;

export interface DemandOrder {
  readonly source: DemandSource;
  /** Only so much of it, or repeated until it is as long; undefined: all. */
  readonly days: number | undefined;
  readonly scaling: Scaling;
  readonly seed: number;
}

/** Throws SYNTHETIC_BAD, TRAFFIC_WITHOUT_REQUESTS. */
export function demandOf({ source, days, scaling, seed }: DemandOrder): Demand {
  const made =
    source.kind === 'counts'
      ? demandOfCounts(source.counts, source.stepSeconds, source.name)
      : demandOfSynthetic(source.spec, { days: days ?? source.days, seed });
  const cut = source.kind === 'counts' && days !== undefined ? firstDays(made, days) : made;
  if (scaling === undefined) return cut;
  return 'factor' in scaling ? rescaled(cut, scaling.factor) : toMean(cut, scaling.meanRate);
}

export interface SimulateOrder {
  readonly demand: DemandOrder;
  readonly profile: SimProfile;
  readonly policies: readonly string[];
  readonly fidelity: Fidelity;
  readonly seed: number;
  /** Points over time, and what each policy costs from 0.1 to 10,000 requests a second. */
  readonly forPage: boolean;
  /** The requests that the event simulator plays in place of the counts of the demand. */
  readonly recorded?: RecordedRequests | undefined;
}

export interface RecordedRequests {
  readonly arrivals: RecordedArrivals;
  /** What a request takes on Lambda is what the log says times this. */
  readonly durationTimes: number;
}

/** What the traffic is, once it has been read through. */
export interface TraceFacts {
  readonly name: string;
  readonly stepSeconds: number;
  readonly steps: number;
  readonly requests: number;
  /** Requests a second where they are known. */
  readonly meanRate: number;
  readonly peakRate: number;
  readonly knownSeconds: number;
  readonly gaps: number;
  readonly gapSeconds: number;
}

export interface OptimumFound {
  readonly lowerUsd: number;
  readonly upperUsd: number;
}

/** A part of the work, in the order in which they are done. */
export type Stage = 'traffic' | 'optimum' | 'policy' | 'curves';

export type SimulateMessage =
  | { readonly kind: 'trace'; readonly trace: TraceFacts }
  | { readonly kind: 'optimum'; readonly optimum: OptimumFound }
  /** `done` from 0 to 1, of this policy or stage. */
  | {
      readonly kind: 'progress';
      readonly stage: Stage;
      readonly name: string;
      readonly done: number;
    }
  /** `done` below 1: it was stopped there. */
  | { readonly kind: 'policy'; readonly result: PolicyResult; readonly done: number }
  | { readonly kind: 'curves'; readonly curves: CostOverLoad }
  | { readonly kind: 'fault'; readonly code: FaultCode; readonly facts: unknown };
