// A Markov-modulated Poisson process of two states: traffic is high for a while, then low for a while,
// and how long either lasts is exponential, so that nothing tells when it ends. It begins in either
// with the probability it has in the long run.

import type { Rng } from '../../base/ports.ts';
import { SECONDS_PER_DAY } from '../../base/units.ts';
import { duration, factor, type Generator } from './generator.ts';

export const mmpp: Generator = {
  what: 'high and low by turns, each for a time that nothing tells (Markov-modulated Poisson)',
  options: {
    high: factor('3', 'the rate when it is high; only its ratio to "low" counts', [0, 10_000]),
    low: factor('0.2', 'the rate when it is low', [0, 10_000]),
    'high-for': duration('2m', 'how long it is high, in the mean', [1, 30 * SECONDS_PER_DAY]),
    'low-for': duration('5m', 'how long it is low, in the mean', [1, 30 * SECONDS_PER_DAY]),
  },
  noise: true,
  conflict: (value) =>
    value('high') === 0 && value('low') === 0
      ? { option: 'high', problem: 'must be more than 0 where "low" is 0' }
      : undefined,
  cycleSeconds: (value) => value('high-for') + value('low-for'),
  shape: (value, stream) => {
    const highFor = value('high-for');
    const lowFor = value('low-for');
    const mean = (value('high') * highFor + value('low') * lowFor) / (highFor + lowFor);
    const states = new States(stream('states'), { highFor, lowFor });
    const low = value('low') / mean;
    const more = value('high') / mean - low;
    return (rates, _from, length) => {
      for (let index = 0; index < length; index += 1) {
        rates[index] = low + more * states.highPartOfNext();
      }
    };
  },
};

class States {
  readonly #rng: Rng;
  readonly #for: { readonly highFor: number; readonly lowFor: number };
  #isHigh: boolean;
  /** Until the state ends, seconds. */
  #left: number;

  constructor(rng: Rng, lasting: { readonly highFor: number; readonly lowFor: number }) {
    this.#rng = rng;
    this.#for = lasting;
    this.#isHigh = rng.next() < lasting.highFor / (lasting.highFor + lasting.lowFor);
    this.#left = this.#lasts();
  }

  /** What part of the next second is high. */
  highPartOfNext(): number {
    let high = 0;
    let second = 1;
    while (this.#left <= second) {
      if (this.#isHigh) high += this.#left;
      second -= this.#left;
      this.#isHigh = !this.#isHigh;
      this.#left = this.#lasts();
    }
    this.#left -= second;
    return this.#isHigh ? high + second : high;
  }

  #lasts(): number {
    const mean = this.#isHigh ? this.#for.highFor : this.#for.lowFor;
    return -mean * Math.log(1 - this.#rng.next());
  }
}
