// When Spot takes tasks back by itself. AWS says only that it may; here every task is taken with the
// same chance at any moment, which gives the mean time that was asked for.

import type { Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';

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
