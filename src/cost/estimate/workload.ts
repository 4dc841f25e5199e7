// What an app is asked to do.

import type { Shape } from '../../traffic/traffic.ts';

/** Hours of a month, as the AWS pricing calculator counts them. */
export const MONTH_HOURS = 730;

/** 30.4166… */
export const MONTH_DAYS = MONTH_HOURS / 24;

export interface Workload {
  readonly requestsPerMonth: number;
  readonly shape: Shape;
  /**
   * Within one step of the shape, the busiest moment over the mean of the step. Tasks are planned
   * for it. 1: steady.
   */
  readonly peak: number;
}
