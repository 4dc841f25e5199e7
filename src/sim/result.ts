// What a simulation of one policy gives.

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
  readonly overByPlacement: number;
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
