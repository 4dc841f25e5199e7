// Figures of the cost section as people write them: an amount of requests over time, and a value or
// the range it lies in.

import { z } from 'zod';
import { MONTH_HOURS, MONTH_MS } from '../base/units.ts';
import type { Range } from '../model/cost-settings.ts';
import { parseDuration } from './quantity.ts';

const PER_MONTH: Readonly<Record<string, number>> = {
  ...{ s: MONTH_MS / 1000, sec: MONTH_MS / 1000, second: MONTH_MS / 1000 },
  ...{ m: MONTH_HOURS * 60, min: MONTH_HOURS * 60, minute: MONTH_HOURS * 60 },
  ...{ h: MONTH_HOURS, hour: MONTH_HOURS },
  ...{ d: MONTH_HOURS / 24, day: MONTH_HOURS / 24 },
  ...{ mo: 1, month: 1 },
};

const TIMES: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, b: 1e9, g: 1e9 };

/** Ten million a second. More is a slip of the keyboard: it would be $80 million a month. */
const MOST_PER_MONTH = (1e7 * MONTH_MS) / 1000;

const AMOUNT =
  /^(?<amount>\d[\d,_]*(?:\.\d+)?|\.\d+)(?<power>e\+?\d{1,3})?\s*(?<times>[kmbg])?\s*(?:(?:\/|per\s)\s*(?<unit>[a-z]+))?$/i;

/** How an amount is written, for the fix of a fault. */
export const AMOUNT_FIX =
  'Write it as 100000/day, 50/s, 3k/h or 1.5M/month; a number alone is a day.';

const NOT_AN_AMOUNT = 'must be requests over time ("100000/day", "50/s", "1.5M/month")';

/** "100000/day", "50/s", "1.5M/month". Requests a month, or what is wrong, as "must …". */
export function requestsPerMonth(text: string): number | string {
  const groups = AMOUNT.exec(text.trim())?.groups;
  if (groups === undefined) {
    return /^[-−]/.test(text.trim()) ? 'must not be negative' : NOT_AN_AMOUNT;
  }
  const { amount = '', power = '', times = '', unit = 'day' } = groups;
  const perMonth = PER_MONTH[unit.toLowerCase()];
  if (perMonth === undefined) return `has no unit "${unit}": s, min, h, day or month`;
  const count = Number(`${amount.replaceAll(/[,_]/g, '')}${power}`);
  const requests = count * (TIMES[times.toLowerCase()] ?? 1) * perMonth;
  return requests > MOST_PER_MONTH ? 'must be at most 10,000,000 a second' : requests;
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Requests over time; a number alone is a day. Gives requests a month. */
export function amount() {
  return z.union([z.number(), z.string()], { error: NOT_AN_AMOUNT }).transform((value, context) => {
    const found = requestsPerMonth(String(value));
    if (typeof found === 'number') return found;
    context.addIssue({
      code: 'custom',
      message: `${found}, was: ${JSON.stringify(value)}`,
      params: { fix: AMOUNT_FIX },
    });
    return z.NEVER;
  });
}

/** A number, or its range. */
export function range(bounds: Bounds) {
  return rangeOf(bounds, z.number(), (value) => Number(value), {
    rule: `must be a number from ${bounds.min} to ${bounds.max}, or its low, expected and high`,
    fix: `Use ${bounds.min} to ${bounds.max}.`,
  });
}

/** "100ms", "1.2s", a number of milliseconds; or its range. Gives milliseconds. */
export function durationRange(bounds: Bounds) {
  return rangeOf(bounds, z.union([z.number(), z.string()]), durationOf, {
    rule: 'must be a duration ("100ms", "1.5s"), or its low, expected and high',
    fix: 'Write it with its unit, as "100ms" or "1.5s".',
  });
}

/** "500 B", "10 KB", "1.5 MB"; or its range. Gives bytes, of which 1000 are a KB. */
export function sizeRange(bounds: Bounds) {
  return rangeOf(bounds, z.union([z.number(), z.string()]), bytesOf, {
    rule: 'must be a size ("500 B", "10 KB", "1.5 MB"), or its low, expected and high',
    fix: 'Write it with its unit, as "500 B" or "10 KB".',
  });
}

interface Words {
  readonly rule: string;
  readonly fix: string;
}

type Written = number | string;

/** One value is certain; a block with fewer than three values has the expected one for the others. */
function rangeOf(
  { min, max }: Bounds,
  value: z.ZodType<Written, Written>,
  parse: (value: Written) => number | undefined,
  { rule, fix }: Words,
) {
  const block = z.strictObject({
    low: value.optional().describe('The smallest it may be. Default: "expected".'),
    expected: value.describe('What is expected.'),
    high: value.optional().describe('The largest it may be. Default: "expected".'),
  });
  return z.union([value, block], { error: rule }).transform((written, context): Range => {
    const given = typeof written === 'object' ? written : { expected: written };
    const refuse = (message: string, how = fix): never => {
      context.addIssue({ code: 'custom', message, params: { fix: how } });
      return z.NEVER;
    };
    const read = (one: Written | undefined): number | undefined =>
      one === undefined ? undefined : parse(one);
    const wrong = [given.low, given.expected, given.high].find((one) => {
      const found = read(one);
      return one !== undefined && !(found !== undefined && found >= min && found <= max);
    });
    if (wrong !== undefined) return refuse(`${rule}, was: ${JSON.stringify(wrong)}`);
    const expected = read(given.expected) ?? min;
    const [low, high] = [read(given.low) ?? expected, read(given.high) ?? expected];
    if (low <= expected && expected <= high) return { low, expected, high };
    return refuse(
      'must have "low", "expected" and "high" in rising order',
      'Write the smaller number first; which of them costs more goes with the figure.',
    );
  });
}

const BYTES: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9 };

function bytesOf(value: Written): number | undefined {
  if (value === 0) return 0;
  const match = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)$/i.exec(String(value).trim());
  const unit = BYTES[match?.[2]?.toUpperCase() ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

function durationOf(value: Written): number | undefined {
  return value === 0 ? 0 : parseDuration(String(value));
}
