// A trace of Markov-modulated traffic.

import type { Rng } from '../../src/base/ports.ts';
import { type ModulatedTraffic, transitions } from '../../src/sim/optimum/modulated.ts';
import { PoissonSampler } from '../../src/sim/poisson.ts';

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
  const arrivals = new PoissonSampler(rng);
  let state = 0;
  for (let second = 0; second < seconds; second += 1) {
    const rate = traffic.states[state]?.rate ?? 0;
    states[second] = state;
    counts[second] = traffic.arrivals === 'even' ? rate : arrivals.draw(rate);
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
