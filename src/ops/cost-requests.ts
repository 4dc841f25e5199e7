// How people write an amount of traffic: "100000/day", "50/s", "1.5M/month".

import { Fault } from '../base/fault.ts';
import { MONTH_HOURS } from '../base/units.ts';

const PER_MONTH: Readonly<Record<string, number>> = {
  s: MONTH_HOURS * 3600,
  sec: MONTH_HOURS * 3600,
  second: MONTH_HOURS * 3600,
  min: MONTH_HOURS * 60,
  m: MONTH_HOURS * 60,
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
const MOST_PER_MONTH = 1e7 * MONTH_HOURS * 3600;

const FORM =
  /^(?<amount>\d[\d,_]*(?:\.\d+)?|\.\d+)(?<power>e\+?\d{1,3})?\s*(?<times>[kmbg])?\s*(?:(?:\/|per\s)\s*(?<unit>[a-z]+))?$/i;

/** Requests a month. `option` is what messages name. Throws USAGE. */
export function parseRequests(text: string, option: string): number {
  const refuse = (problem: string): never => {
    throw new Fault('USAGE', {
      problem: `${option} ${problem}, was: ${text}`,
      fix: 'Write it as 100000/day, 50/s, 3k/h or 1.5M/month; a number alone is a day.',
    });
  };
  const groups = FORM.exec(text.trim())?.groups;
  if (groups === undefined) {
    return refuse(
      /^[-−]/.test(text.trim())
        ? 'must not be negative'
        : 'must be an amount of requests over time',
    );
  }
  const { amount = '', power = '', times = '', unit = 'day' } = groups;
  const perMonth = PER_MONTH[unit.toLowerCase()];
  if (perMonth === undefined) return refuse(`has no unit "${unit}": s, min, h, day or month`);
  const count = Number(`${amount.replaceAll(/[,_]/g, '')}${power}`);
  const requests = count * (TIMES[times.toLowerCase()] ?? 1) * perMonth;
  if (requests > MOST_PER_MONTH) return refuse('must be at most 10,000,000 a second');
  return requests;
}
