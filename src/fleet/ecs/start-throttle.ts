// When tasks may be started while they fail.
//
// Two kinds of failure slow a service down. A task that never reached RUNNING is what ECS throttles:
// the wait grows up to 27 minutes, and a deployment ends it. [ECS:service-throttle-logic] How it grows
// is not published; here it doubles from a second. A task that ends by itself before it was ever
// healthy is started again at full speed on AWS, where each start takes some half a minute; here a
// start takes milliseconds, so a program that ends at once would spin. It waits as long as ECS would
// have taken to notice: from a second, doubled, a minute at most.
//
// While starts fail, one at a time is enough to see whether it works again.

import { type Millis, MS_PER_SECOND } from '../../base/units.ts';
import { ECS_THROTTLE_MAX_MS } from '../../model/aws-limits.ts';
import { restartWait } from '../restart-wait.ts';

/** Failed starts in a row from which ECS is taken to call them consistent. It does not say a number. */
const CONSISTENT = 2;

/** The wait after so many failed starts in a row, from 1. */
export function throttleWait(failures: number): Millis {
  return Math.min(ECS_THROTTLE_MAX_MS, MS_PER_SECOND * 2 ** (failures - 1));
}

export class StartThrottle {
  #failures = 0;
  #crashes = 0;
  #notBefore: Millis = 0;
  #said = false;
  /** The task that was started to see whether it works again. */
  #probe: string | undefined;

  /** True: say that tasks do not start consistently. */
  failedToStart(now: Millis): boolean {
    // Those that fail while a wait lasts were started before it: they say nothing new.
    if (now < this.#notBefore) return false;
    this.#failures += 1;
    this.#notBefore = now + throttleWait(this.#failures);
    if (this.#said || this.#failures < CONSISTENT) return false;
    this.#said = true;
    return true;
  }

  /** A task ended by itself before it was ever healthy. */
  crashed(now: Millis): void {
    if (now < this.#notBefore) return;
    this.#crashes += 1;
    this.#notBefore = now + restartWait(this.#crashes);
  }

  /** A task reached RUNNING. */
  ran(): void {
    this.#failures = 0;
    this.#said = false;
  }

  /** A task is healthy for the first time. */
  healthy(): void {
    this.#crashes = 0;
    this.#notBefore = 0;
  }

  /** A new deployment, or a service that is wanted again after it had no task. */
  reset(): void {
    this.ran();
    this.healthy();
    this.#probe = undefined;
  }

  /** How many tasks may be started now. `isUnproven` says of a task that it is still on its way. */
  limit(now: Millis, isUnproven: (id: string, untilHealthy: boolean) => boolean): number {
    if (now < this.#notBefore) return 0;
    if (this.#failures === 0 && this.#crashes === 0) return Number.POSITIVE_INFINITY;
    return this.#probe !== undefined && isUnproven(this.#probe, this.#crashes > 0) ? 0 : 1;
  }

  started(id: string): void {
    this.#probe = id;
  }
}
