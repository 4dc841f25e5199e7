// An amount of requests over time as people write it: "100000/day", "50/s", "1.5M/month".

import { MONTH_HOURS, MONTH_MS } from './units.ts';

const PER_MONTH: Readonly<Record<string, number>> = {
  s: MONTH_MS / 1000,
  sec: MONTH_MS / 1000,
  second: MONTH_MS / 1000,
  m: MONTH_HOURS * 60,
  min: MONTH_HOURS * 60,
  minute: MONTH_HOURS * 60,
  h: MONTH_HOURS,
  hour: MONTH_HOURS,
  d: MONTH_HOURS / 24,
  day: MONTH_HOURS / 24,
  mo: 1,
  month: 1,
};

const TIMES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, b: 1e9, g: 1e9 };

/** Ten million a second. More is a slip of the keyboard: it would be $80 million a month. */
const MOST_PER_MONTH = (1e7 * MONTH_MS) / 1000;

const AMOUNT =
  /^(?<amount>\d[\d,_]*(?:\.\d+)?|\.\d+)(?<power>e\+?\d{1,3})?\s*(?<times>[kmbg])?\s*(?:(?:\/|per\s)\s*(?<unit>[a-z]+))?$/i;

export const NOT_AN_AMOUNT = 'must be requests over time ("100000/day", "50/s", "1.5M/month")';

/**
 * "100000/day", "50/s", "1.5M/month"; a number alone is for the time `alone`. Requests a month, or
 * what is wrong, as "must …".
 */
export function requestsPerMonth(text: string, alone: 'day' | 's' = 'day'): number | string {
  const groups = AMOUNT.exec(text.trim())?.groups;
  if (groups === undefined) {
    return /^[-−]/.test(text.trim()) ? 'must not be negative' : NOT_AN_AMOUNT;
  }
  const { amount = '', power = '', times = '', unit = alone } = groups;
  const perMonth = PER_MONTH[unit.toLowerCase()];
  if (perMonth === undefined) return `has no unit "${unit}": s, min, h, day or month`;
  const count = Number(`${amount.replaceAll(/[,_]/g, '')}${power}`);
  const requests = count * (TIMES[times.toLowerCase()] ?? 1) * perMonth;
  return requests > MOST_PER_MONTH ? 'must be at most 10,000,000 a second' : requests;
}
