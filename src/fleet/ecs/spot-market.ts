// When Spot takes tasks back by itself. AWS says only that it may; here every task is taken with the
// same chance at any moment, which gives the mean time that was asked for.

import type { Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { EcsTask } from './scheduler.ts';

/** Those of the tasks that are taken back within `elapsedMs`. */
export function takenBack(
  tasks: readonly string[],
  meanMs: Millis,
  elapsedMs: Millis,
  rng: Rng,
): readonly string[] {
  const chance = 1 - Math.exp(-elapsedMs / meanMs);
  return tasks.filter(() => rng.next() < chance);
}

/** Takes tasks back as time passes; never, without a mean time. */
export class SpotMarket {
  readonly #meanMs: Millis | undefined;
  readonly #rng: Rng;
  #askedAt: Millis;

  constructor(meanMs: Millis | undefined, rng: Rng, now: Millis) {
    this.#meanMs = meanMs;
    this.#rng = rng;
    this.#askedAt = now;
  }

  /** Ids of the tasks it takes back since the last call. */
  take(tasks: readonly EcsTask[], now: Millis): readonly string[] {
    const elapsed = now - this.#askedAt;
    this.#askedAt = now;
    if (this.#meanMs === undefined) return [];
    const onSpot = tasks.filter(({ spot, stop }) => spot && stop === undefined);
    const ids = onSpot.map(({ id }) => id);
    return takenBack(ids, this.#meanMs, elapsed, this.#rng);
  }
}
