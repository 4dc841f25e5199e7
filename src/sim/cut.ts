// Windows of a demand that is too long to be simulated whole.

import type { Demand, DemandChunk } from './demand.ts';
import { surveyOf } from './demand-changes.ts';

/** The steps of a demand from one on. They are kept: a window is short. */
export function cutOf(demand: Demand, from: number, length: number): Demand {
  const counts = new Float64Array(length);
  let at = 0;
  for (const chunk of demand.chunks()) {
    const first = Math.max(0, from - at);
    const last = Math.min(chunk.length, from + length - at);
    if (first < last) counts.set(chunk.counts.subarray(first, last), at + first - from);
    at += chunk.length;
    if (at >= from + length) break;
  }
  return {
    name: demand.name,
    stepSeconds: demand.stepSeconds,
    steps: length,
    *chunks(): Generator<DemandChunk> {
      yield { counts, length };
    },
  };
}

/**
 * The step with which the window of so many steps begins that is most like the whole (its mean is
 * nearest to that of all), or least even (the steps change most from one to the next, for its mean).
 * Windows lie end to end, and one that is half a gap is passed over. 0 when there is none.
 */
export function typicalWindow(demand: Demand, steps: number, kind: 'typical' | 'uneven'): number {
  const { meanRate } = surveyOf(demand);
  const meanCount = meanRate * demand.stepSeconds;
  let [best, bestOff] = [0, Number.POSITIVE_INFINITY];
  let [at, known, requests, changes] = [0, 0, 0, 0];
  let before = Number.NaN;
  for (const { counts, length } of demand.chunks()) {
    for (let index = 0; index < length; index += 1) {
      const count = counts[index] ?? Number.NaN;
      if (!Number.isNaN(count)) {
        requests += count;
        known += 1;
        if (!Number.isNaN(before)) changes += Math.abs(count - before);
        before = count;
      }
      at += 1;
      if (at % steps !== 0) continue;
      const off = kind === 'typical' ? Math.abs(requests / known - meanCount) : -changes / requests;
      if (known * 2 >= steps && off < bestOff) [best, bestOff] = [at - steps, off];
      [known, requests, changes] = [0, 0, 0];
    }
  }
  return best;
}
