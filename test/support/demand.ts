// Small demands for tests of the simulator.

import type { Demand } from '../../src/sim/demand.ts';

/** Counts as a demand, in chunks of so many steps. */
export function demandOf(
  counts: readonly number[] | Float64Array,
  stepSeconds = 1,
  chunkSteps = 4096,
): Demand {
  return {
    name: 'test',
    stepSeconds,
    steps: counts.length,
    *chunks() {
      // One array for all chunks, as the simulator gives them.
      const chunk = new Float64Array(chunkSteps);
      for (let at = 0; at < counts.length; at += chunkSteps) {
        const length = Math.min(chunkSteps, counts.length - at);
        for (let step = 0; step < length; step += 1) chunk[step] = counts[at + step] as number;
        chunk.fill(1e9, length);
        yield { counts: chunk, length };
      }
    },
  };
}
