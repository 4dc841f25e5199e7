// A trace of Markov-modulated traffic.

import type { Rng } from '../../src/base/ports.ts';
import { type ModulatedTraffic, transitions } from '../../src/sim/optimum/modulated.ts';

export interface ModulatedTrace {
  readonly counts: Float64Array;
  /** State of the traffic in each second. */
  readonly states: Uint8Array;
}

export function modulatedTrace(
  traffic: ModulatedTraffic,
  seconds: number,
  rng: Rng,
): ModulatedTrace {
  const chain = transitions(traffic);
  const counts = new Float64Array(seconds);
  const states = new Uint8Array(seconds);
  let state = 0;
  for (let second = 0; second < seconds; second += 1) {
    const rate = traffic.states[state]?.rate ?? 0;
    states[second] = state;
    counts[second] = traffic.arrivals === 'even' ? rate : poisson(rate, rng);
    let chance = rng.next();
    state = (chain[state] as readonly number[]).findIndex((part) => {
      chance -= part;
      return chance < 0;
    });
    // The parts add up to 1 but for the rounding.
    if (state < 0) state = traffic.states.length - 1;
  }
  return { counts, states };
}

/** By inversion, in parts of 30 so that nothing underflows. */
export function poisson(mean: number, rng: Rng): number {
  if (mean > 30) return poisson(30, rng) + poisson(mean - 30, rng);
  let count = 0;
  let likely = Math.exp(-mean);
  let chance = rng.next() - likely;
  while (chance >= 0 && likely > 0) {
    count += 1;
    likely *= mean / count;
    chance -= likely;
  }
  return count;
}
