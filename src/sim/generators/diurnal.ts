// Days that swell and ebb, and weekends that have less. The first day is a Monday.

import { SECONDS_PER_DAY } from '../../base/units.ts';
import { clock, factor, type Generator } from './generator.ts';

const WEEK_DAYS = 7;
/** Of Monday. */
const SATURDAY = 5;

export const diurnal: Generator = {
  what: 'a wave by day and night, with weekends; it begins on a Monday at midnight',
  options: {
    peak: factor(
      '1.8',
      'the busiest moment of a day over its mean; the quietest is as far below',
      [1, 2],
    ),
    at: clock('15:00', 'when it is busiest'),
    weekend: factor('0.6', 'a Saturday or Sunday over a weekday', [0, 10]),
  },
  noise: true,
  cycleSeconds: () => WEEK_DAYS * SECONDS_PER_DAY,
  shape: (value) => {
    const swing = value('peak') - 1;
    const busiest = value('at');
    const weekend = value('weekend');
    const weekday = WEEK_DAYS / (SATURDAY + (WEEK_DAYS - SATURDAY) * weekend);
    return (rates, from, length) => {
      for (let index = 0; index < length; index += 1) {
        const second = from + index;
        const day = Math.floor(second / SECONDS_PER_DAY) % WEEK_DAYS;
        const height = day < SATURDAY ? weekday : weekday * weekend;
        // In the middle of the second, so that those of a day add up.
        const angle = (2 * Math.PI * (second + 0.5 - busiest)) / SECONDS_PER_DAY;
        rates[index] = height * (1 + swing * Math.cos(angle));
      }
    };
  },
};
