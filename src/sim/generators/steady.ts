// The same rate all the time, and one that is off at night.

import { SECONDS_PER_DAY } from '../../base/units.ts';
import { clock, type Generator, type WriteRates } from './generator.ts';

const always: WriteRates = (rates, _from, length) => {
  rates.fill(1, 0, length);
};

export const constant: Generator = {
  what: 'the same in every second',
  options: {},
  noise: false,
  cycleSeconds: () => 1,
  shape: () => always,
};

export const poisson: Generator = {
  what: 'requests that know nothing of each other, at one rate',
  options: {},
  noise: true,
  cycleSeconds: () => 1,
  shape: () => always,
};

export const night: Generator = {
  what: 'nothing at night, one rate by day',
  options: {
    from: clock('22:00', 'when the night begins'),
    to: clock('06:00', 'when it ends'),
  },
  noise: true,
  conflict: (value) =>
    value('from') === value('to')
      ? { option: 'to', problem: 'must be another time than "from"' }
      : undefined,
  cycleSeconds: () => SECONDS_PER_DAY,
  shape: (value) => {
    const begin = value('from');
    const nightSeconds = (value('to') - begin + SECONDS_PER_DAY) % SECONDS_PER_DAY;
    const rate = SECONDS_PER_DAY / (SECONDS_PER_DAY - nightSeconds);
    return (rates, from, length) => {
      for (let index = 0; index < length; index += 1) {
        const sinceNight = (from + index - begin + SECONDS_PER_DAY) % SECONDS_PER_DAY;
        rates[index] = sinceNight < nightSeconds ? 0 : rate;
      }
    };
  },
};
