// Traffic over time, from whatever told of it: counts of requests by equal intervals.

import type { Millis } from '../base/units.ts';

export interface Traffic {
  /** Length of each interval. */
  readonly intervalMs: Millis;
  /** In order, without gaps in time: what is not known is undefined, never 0. */
  readonly counts: readonly (number | undefined)[];
  /** When the first interval begins, if the source said. */
  readonly startMs: Millis | undefined;
  /** What the log says of its requests, where it does. */
  readonly requests: RequestFacts;
}

/** Means over the requests of a log; undefined: the source does not say. */
export interface RequestFacts {
  readonly requestBytes: number | undefined;
  readonly responseBytes: number | undefined;
  /** Time the target took. */
  readonly durationMs: Millis | undefined;
  /** How it is spread, within 1 %; left out where the source does not say. */
  readonly durationQuantiles?: Quantiles | undefined;
}

export interface Quantiles {
  readonly p50: Millis;
  readonly p90: Millis;
  readonly p99: Millis;
  readonly max: Millis;
}

/** What a source says of no request. */
export const NO_FACTS: RequestFacts = {
  requestBytes: undefined,
  responseBytes: undefined,
  durationMs: undefined,
};

/**
 * How requests fall over a cycle, as what part of the mean each of its equal steps has. Their mean
 * is 1. A cycle of one step is steady traffic.
 */
export interface Shape {
  readonly stepMs: Millis;
  readonly steps: readonly number[];
  /** For people: "flat", "day", the name of a file. */
  readonly name: string;
}
