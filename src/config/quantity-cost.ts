// Figures of the cost section as people write them: an amount of requests over time, and a value or
// the range it lies in.

import { z } from 'zod';
import { NOT_AN_AMOUNT, requestsPerMonth } from '../base/amount.ts';
import { parseDuration } from '../base/duration.ts';
import type { Range } from '../model/cost-settings.ts';

/** How an amount is written, for the fix of a fault. */
export const AMOUNT_FIX =
  'Write it as 100000/day, 50/s, 3k/h or 1.5M/month; a number alone is a day.';

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
