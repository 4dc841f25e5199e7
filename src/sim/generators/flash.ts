// A flash crowd: at one moment of each period the rate rises to many times what it was, and fades.

import { SECONDS_PER_DAY } from '../../base/units.ts';
import { duration, factor, type Generator } from './generator.ts';

export const flash: Generator = {
  what: 'a crowd that comes at one moment of each period, and fades away',
  options: {
    times: factor('8', 'the rate when the crowd is there over that before', [1, 10_000]),
    at: duration('6h', 'when in the period it begins to come', [0, 30 * SECONDS_PER_DAY]),
    rise: duration('1m', 'how long it takes to come', [0, SECONDS_PER_DAY]),
    fade: duration('15m', 'after so long the crowd is 37 % of what it was', [1, SECONDS_PER_DAY]),
    every: duration('1d', 'the period', [60, 30 * SECONDS_PER_DAY]),
  },
  noise: true,
  conflict: (value) => {
    if (value('at') >= value('every')) {
      return { option: 'at', problem: 'must be shorter than "every"' };
    }
    return value('rise') < value('every')
      ? undefined
      : { option: 'rise', problem: 'must be shorter than "every"' };
  },
  cycleSeconds: (value) => value('every'),
  shape: (value) => {
    const [period, begin, rise, fade] = [
      value('every'),
      value('at'),
      value('rise'),
      value('fade'),
    ] as const;
    const crowd = value('times') - 1;
    // The mean of an exponential within a second over what it has at the beginning of it.
    const within = fade * (1 - Math.exp(-1 / fade));
    const crowdSeconds = rise / 2 + fade * (1 - Math.exp(-(period - rise) / fade));
    const before = 1 / (1 + (crowd * crowdSeconds) / period);
    return (rates, from, length) => {
      for (let index = 0; index < length; index += 1) {
        const since = (from + index - begin + period) % period;
        const part =
          since < rise ? (since + 0.5) / rise : within * Math.exp(-(since - rise) / fade);
        rates[index] = before * (1 + crowd * part);
      }
    };
  },
};
