// How fast Fargate starts tasks: a bucket of tokens for on-demand and one for Spot, shared by all
// services of the account. [ECS:throttling]

import { type Millis, MS_PER_SECOND } from '../../base/units.ts';
import { FARGATE_LAUNCHES } from '../../model/aws-limits.ts';

export interface LaunchBucket {
  /** Takes one token. False: none is there; ask again at the next tick. */
  take(spot: boolean, now: Millis): boolean;
}

export function launchBucket(): LaunchBucket {
  const onDemand = new Bucket();
  const spots = new Bucket();
  return { take: (spot, now) => (spot ? spots : onDemand).take(now) };
}

class Bucket {
  #tokens: number = FARGATE_LAUNCHES.burst;
  #at: Millis | undefined;

  take(now: Millis): boolean {
    const { burst, perSecond } = FARGATE_LAUNCHES;
    const passed = Math.max(0, now - (this.#at ?? now));
    this.#tokens = Math.min(burst, this.#tokens + (passed / MS_PER_SECOND) * perSecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
