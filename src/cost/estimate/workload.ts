// What an app is asked to do.

import type { Shape } from '../../traffic/traffic.ts';

export interface Workload {
  readonly requestsPerMonth: number;
  readonly shape: Shape;
  /**
   * Within one step of the shape, the busiest moment over the mean of the step. Tasks are planned
   * for it. 1: steady.
   */
  readonly peak: number;
}
