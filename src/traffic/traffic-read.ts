// What a reader of a file of traffic hands back, and what it can be told.

import type { Millis } from '../base/units.ts';
import type { Traffic } from './traffic.ts';

export type TrafficFormat =
  /** Counts of requests by interval, as CSV. */
  | 'counts'
  /** One request a line, as CSV. */
  | 'requests'
  /** A CSV export of CloudWatch. */
  | 'cloudwatch-csv'
  /** The answer of get-metric-statistics or get-metric-data. */
  | 'cloudwatch-json'
  /** Access log of a load balancer. */
  | 'alb'
  /** Access log in the Common or Combined Log Format. */
  | 'common';

export interface TrafficOptions {
  /** Default: found from the first lines. */
  readonly format?: TrafficFormat | undefined;
  /** Goes on past lines that cannot be read, and counts them. Default: the first is an error. */
  readonly skipBadLines?: boolean | undefined;
  /**
   * An interval that the source leaves out had no request, as CloudWatch means it for some metrics.
   * Default: it is not known.
   */
  readonly gapsAreZero?: boolean | undefined;
  /**
   * Counts a log by the second up to 97 days, instead of by the minute from an hour on. What is
   * counted already stays as it is.
   */
  readonly bySecond?: boolean | undefined;
}

/** A line that cannot be read. */
export interface BadLine {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
  /** How it begins. */
  readonly text: string;
}

export interface Gaps {
  /** How many times intervals are missing. */
  readonly count: number;
  /** All of them together. */
  readonly ms: Millis;
  readonly longest: { readonly fromMs: Millis; readonly ms: Millis };
}

export interface TrafficRead {
  readonly traffic: Traffic;
  readonly format: TrafficFormat;
  /** The format was found, not given. */
  readonly found: boolean;
  /** Lines of the source; of JSON, its datapoints. */
  readonly lines: number;
  /** All requests together. */
  readonly requests: number;
  readonly badLines: { readonly count: number; readonly first: BadLine | undefined };
  /** What the source leaves out; undefined: nothing. */
  readonly gaps: Gaps | undefined;
  /** Requests of the busiest second; undefined where the source is coarser, or too long to tell. */
  readonly peakSecond: number | undefined;
  /** What a reader should know of how it was read, as sentences. */
  readonly notes: readonly string[];
}
