// Bursts on a steady rate: one in each period, somewhere in it.

import { SECONDS_PER_DAY } from '../../base/units.ts';
import { duration, factor, type Generator } from './generator.ts';

export const bursts: Generator = {
  what: 'a burst somewhere in each period, a steady rate between',
  options: {
    every: duration('10m', 'the period', [2, 30 * SECONDS_PER_DAY]),
    for: duration('30s', 'how long a burst lasts', [1, 30 * SECONDS_PER_DAY]),
    times: factor('8', 'the rate in a burst over that between', [1, 10_000]),
  },
  noise: true,
  conflict: (value) =>
    value('for') < value('every')
      ? undefined
      : { option: 'for', problem: 'must be shorter than "every"' },
  cycleSeconds: (value) => value('every'),
  shape: (value, stream) => {
    const period = value('every');
    const burst = value('for');
    const times = value('times');
    const between = 1 / (1 + ((times - 1) * burst) / period);
    const rng = stream('bursts');
    let begin = 0;
    return (rates, from, length) => {
      for (let index = 0; index < length; index += 1) {
        const at = (from + index) % period;
        if (at === 0) begin = Math.floor(rng.next() * (period - burst + 1));
        rates[index] = at >= begin && at < begin + burst ? between * times : between;
      }
    };
  },
};
