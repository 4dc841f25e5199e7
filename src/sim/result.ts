// What a simulation of one policy gives, and what those of many give together.

import type { SimProfile } from './profile.ts';

/** Of the requests of one compute, or of all; ms. NaN: none. */
export interface Latencies {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

export interface ComputeResult extends Latencies {
  readonly requests: number;
  readonly usd: number;
  /** Requests over the latency target. */
  readonly overTarget: number;
}

export interface PolicyResult extends Latencies {
  readonly name: string;
  readonly usd: number;
  readonly lambda: ComputeResult;
  readonly fargate: ComputeResult;
  /** That came; those that were refused or failed among them. */
  readonly requests: number;
  readonly overTarget: number;
  /** Of `overTarget`, those that Lambda would have served within it: the fault of placement. */
  readonly misplaced: number;
  readonly refused: number;
  readonly coldStarts: number;
  readonly taskStarts: number;
  /** Part of the billed task time that was used, from 0 to 1; NaN without tasks. */
  readonly utilization: number;
  readonly series: readonly SeriesPoint[];
}

/** Means of an equal part of the time, for plots. */
export interface SeriesPoint {
  /** Seconds since the beginning, of its middle. */
  readonly at: number;
  readonly demandRate: number;
  readonly capacityRate: number;
  readonly lambdaRate: number;
  readonly fargateRate: number;
  readonly lambdaUsdPerHour: number;
  readonly fargateUsdPerHour: number;
}

/** Told while a simulation runs; `done` from 0 to 1. True ends it with what there is. */
export type SimProgress = (done: number) => boolean;

/** How requests are simulated: as amounts a second, or each on its own. */
export type Fidelity = 'fluid' | 'event';

/** Every policy over the same demand, beside what could not have been undercut. */
export interface SimReport {
  /** Name of the demand. */
  readonly trace: string;
  readonly steps: number;
  readonly stepSeconds: number;
  /** Without gaps. */
  readonly seconds: number;
  readonly requests: number;
  /** Requests a second; NaN where nothing is known. */
  readonly meanRate: number;
  readonly peakRate: number;
  readonly profile: SimProfile;
  readonly seed: number;
  readonly fidelity: Fidelity;
  /** No placement costs less than `lowerUsd`; `upperUsd` is what one costs that knows all before. */
  readonly optimum: { readonly lowerUsd: number; readonly upperUsd: number };
  /** The cheapest fleet that never changes, with Lambda for what it cannot carry. */
  readonly bestStatic: { readonly tasks: number; readonly usd: number };
  /** All on Lambda, always warm: the closed form. */
  readonly lambdaOnlyUsd: number;
  readonly policies: readonly ComparedPolicy[];
  /** It was stopped: the last policy has a part of the trace only, and those after it are missing. */
  readonly stopped: boolean;
}

export interface ComparedPolicy extends PolicyResult {
  /** usd ÷ `optimum.lowerUsd`. NaN: the optimum costs nothing, or the policy was stopped. */
  readonly ratio: number;
}

/** What an hour costs at a mean load. */
export interface LoadPoint {
  readonly requestsPerSecond: number;
  readonly usdPerHour: number;
}

export interface LoadCurve {
  /** Of a policy, or "optimum". */
  readonly name: string;
  readonly points: readonly LoadPoint[];
  /** Mean load, requests a second, from which on it costs less than Lambda alone; undefined: never. */
  readonly cheaperFrom: number | undefined;
}

export interface CostOverLoad {
  readonly curves: readonly LoadCurve[];
  /** What was simulated of the demand, as sentences: a window, bundles of tasks. */
  readonly notes: readonly string[];
  readonly stopped: boolean;
}
