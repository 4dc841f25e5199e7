// Small demands for tests of the simulator and of the optimum.

import type { Demand } from '../../src/sim/demand.ts';

/** Counts as a demand, in chunks of so many steps. NaN is a gap. */
export function demandOf(counts: ArrayLike<number>, stepSeconds = 1, chunkSteps = 4096): Demand {
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

/** The same number in each of so many steps; nothing is kept, however many those are. */
export function constantDemand(perStep: number, steps: number, stepSeconds = 1): Demand {
  return {
    name: `${perStep} in each step`,
    stepSeconds,
    steps,
    *chunks() {
      const counts = new Float64Array(1000).fill(perStep);
      for (let at = 0; at < steps; at += counts.length) {
        yield { counts, length: Math.min(counts.length, steps - at) };
      }
    },
  };
}
