// How fast Fargate starts tasks: a bucket of tokens for on-demand and one for Spot, shared by all
// services of the account. [ECS:throttling]

import type { Millis } from '../../base/units.ts';

export interface LaunchBucket {
  /** Takes one token. False: none is there; ask again at the next tick. */
  take(spot: boolean, now: Millis): boolean;
}
