// What a month costs by its volume, in a form in which two bills can be compared at every volume
// without rating every one of them.
//
// A bill is a smooth part, which is straight between bends (a tier or a free quantity ends), and
// stairs, which are what is bought whole: tasks. The bends and stairs are told; the straight lines
// are read off the bill itself, at the ends of each piece, so nothing of its rules is repeated here.
// The lines are doubles and only say where to look; every answer is checked on the exact bill.

import { type Pico, usdOf } from '../money.ts';

export interface CostCurve {
  /** Pico-dollars of a month with so many requests a day, a whole number from 1 on. Never falls. */
  readonly at: (requestsPerDay: number) => Pico;
  /** First volumes, whole and ascending, of each new slope of the smooth part. */
  readonly bends: readonly number[];
  readonly stairs: readonly Stair[];
}

/** Something bought whole, in the number that the volume takes. */
export interface Stair {
  /** How many at so many requests a day. Never falls. */
  readonly count: (requestsPerDay: number) => number;
  /** Requests a day that one of them carries. Infinity: any number. */
  readonly each: number;
  /** No more than this many. Infinity: as many as it takes. */
  readonly most: number;
  /** Price of one of them for the month, in pico-dollars. */
  readonly pico: number;
}

/** The smooth part of a curve: straight from each start to the next, the last one on for ever. */
export interface Line {
  readonly start: number;
  readonly value: number;
  /** Pico-dollars for each request a day. */
  readonly slope: number;
}

/** How far the lines may be from the bill, at most: charges are rounded, and doubles too. */
const LEAST_TOLERANCE = 20_000;
const RELATIVE_TOLERANCE = 1e-11;

export interface FittedCurve {
  readonly curve: CostCurve;
  readonly lines: readonly Line[];
  /** Pico-dollars, by how much a value of so many may be off. */
  readonly tolerance: (pico: number) => number;
}

/**
 * The lines of a curve. Throws RangeError when the bill is not straight where no bend was told,
 * which is a mistake in whoever made the curve.
 */
export function fittedCurve(curve: CostCurve): FittedCurve {
  const smooth = (perDay: number): number => Number(curve.at(perDay)) - stairsAt(curve, perDay);
  const starts = [1, ...curve.bends.filter((bend) => bend > 1)];
  let slack = 0;
  const lines = starts.map((start, index): Line => {
    const next = starts[index + 1];
    const end = next === undefined ? Math.max(100_000_000, 8 * start) : next - 1;
    const value = smooth(start);
    if (end === start) return { start, value, slope: 0 };
    const last = smooth(end);
    const slope = (last - value) / (end - start);
    const middle = Math.floor((start + end) / 2);
    const off = Math.abs(smooth(middle) - (value + slope * (middle - start)));
    // What one request costs may be gained or lost where requests of a month are counted whole.
    if (off > 2 * (slope + LEAST_TOLERANCE) + 1e-9 * last) {
      throw new RangeError(
        `the bill bends between ${start} and ${end} requests a day, by $${usdOf(BigInt(Math.round(off)))}`,
      );
    }
    slack = Math.max(slack, 4 * off);
    return { start, value, slope };
  });
  const tolerance = (pico: number): number =>
    LEAST_TOLERANCE + slack + RELATIVE_TOLERANCE * Math.abs(pico);
  return { curve, lines, tolerance };
}

export function stairsAt({ stairs }: Pick<CostCurve, 'stairs'>, perDay: number): number {
  return stairs.reduce((sum, { count, pico }) => sum + count(perDay) * pico, 0);
}

/** The line that the volume is on. */
export function lineAt(lines: readonly Line[], perDay: number): Line {
  let found = lines[0] as Line;
  for (const line of lines) if (line.start <= perDay) found = line;
  return found;
}

export function valueAt(lines: readonly Line[], perDay: number): number {
  const { start, value, slope } = lineAt(lines, perDay);
  return value + slope * (perDay - start);
}

/** The largest volume at which lines that never fall are under `value`; 0 when there is none. */
export function lastUnder(lines: readonly Line[], value: number): number {
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const line = lines[index] as Line;
    if (line.value >= value) continue;
    const end = (lines[index + 1]?.start ?? Number.POSITIVE_INFINITY) - 1;
    if (line.slope <= 0) return end;
    const steps = Math.ceil((value - line.value) / line.slope) - 1;
    return Math.min(end, line.start + Math.max(0, steps));
  }
  return 0;
}

/** The first volume after this one at which one of the stairs goes up. */
export function nextStep(stairs: readonly Stair[], perDay: number): number {
  return stairs.reduce((first, stair) => Math.min(first, stepAfter(stair, perDay)), Infinity);
}

/** The first volume of the step that this one is on. */
export function stepStart(stairs: readonly Stair[], perDay: number): number {
  return stairs.reduce((last, stair) => Math.max(last, stepBefore(stair, perDay)), 1);
}

function stepAfter({ count, each, most }: Stair, perDay: number): number {
  const now = count(perDay);
  if (now >= most || each === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  // Where it should be; the doubles of whoever counts decide by one or so.
  let step = Math.max(perDay + 1, Math.floor(now * each) + 1);
  while (count(step) <= now) step += 1;
  while (step - 1 > perDay && count(step - 1) > now) step -= 1;
  return step;
}

function stepBefore({ count, each }: Stair, perDay: number): number {
  const now = count(perDay);
  if (each === Number.POSITIVE_INFINITY || count(1) >= now) return 1;
  let step = Math.min(perDay, Math.max(1, Math.floor((now - 1) * each) + 1));
  while (count(step) < now) step += 1;
  while (step > 1 && count(step - 1) >= now) step -= 1;
  return step;
}
