// What a month costs by its volume, in a form in which two bills can be compared at every volume
// without rating every one of them.
//
// A bill is a smooth part, which is straight between bends (a tier or a free quantity ends), and
// stairs, which are what is bought whole: tasks. The bends and stairs are told; the straight lines
// are read off the bill itself, at the ends of each piece, so nothing of its rules is repeated here.
// The lines are doubles and only say where to look; every answer is checked on the exact bill.

import type { Pico } from '../money.ts';

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
  /** How far the bill may be from the line, at most, besides rounding. */
  readonly slack: number;
}

/** Charges are rounded, and doubles too. */
const LEAST_SLACK = 20_000;
const ROUNDING = 1e-11;

/** The last piece is read off so far out at least. */
const FAR = 100_000_000;

/** Pieces that a bill which is curved, or bends where it was not told, is cut into at most. */
const PIECES = 4000;

/** A line is near enough when it is off by what so many requests a day cost: exact bills do the rest. */
const NEAR_ENOUGH = 16;

/**
 * The lines of a curve. Where it is not straight between two bends, as with provisioned environments
 * at uneven load, it is cut until the lines are near enough to say where to look.
 */
export function linesOf(curve: CostCurve): readonly Line[] {
  const smooth = (perDay: number): number => Number(curve.at(perDay)) - stairsAt(curve, perDay);
  const starts = [1, ...curve.bends.filter((bend) => bend > 1)];
  const lines: Line[] = [];
  for (const [index, start] of starts.entries()) {
    const next = starts[index + 1];
    const end = next === undefined ? Math.max(FAR, 8 * start) : next - 1;
    cut({ start, end, first: smooth(start), last: smooth(end) }, smooth, lines);
  }
  return lines;
}

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly first: number;
  readonly last: number;
}

function cut(piece: Piece, smooth: (perDay: number) => number, lines: Line[]): void {
  const { start, end, first, last } = piece;
  if (end === start) {
    lines.push({ start, value: first, slope: 0, slack: 0 });
    return;
  }
  const slope = (last - first) / (end - start);
  const half = Math.floor((start + end) / 2);
  // A piece that spans sizes is looked at where its small volumes are, too.
  const isWide = end > 64 * start;
  const low = isWide ? Math.max(start + 1, Math.floor(Math.sqrt(start * end))) : half;
  const middle = smooth(half);
  const lower = isWide ? smooth(low) : middle;
  const offAt = (perDay: number, value: number) =>
    Math.abs(value - (first + slope * (perDay - start)));
  const off = Math.max(offAt(half, middle), offAt(low, lower));
  const near = LEAST_SLACK + NEAR_ENOUGH * slope + 10 * ROUNDING * last;
  if (off <= near || end - start < 3 || lines.length > PIECES) {
    lines.push({ start, value: first, slope, slack: 4 * off });
    return;
  }
  cut({ start, end: low, first, last: lower }, smooth, lines);
  cut({ start: low, end, first: lower, last }, smooth, lines);
}

/** By how much a value of a line may be off. */
export function slackAt(lines: readonly Line[], perDay: number, value: number): number {
  return LEAST_SLACK + lineAt(lines, perDay).slack + ROUNDING * Math.abs(value);
}

export function stairsAt({ stairs }: Pick<CostCurve, 'stairs'>, perDay: number): number {
  return stairs.reduce((sum, { count, pico }) => sum + count(perDay) * pico, 0);
}

/** The line that the volume is on. */
export function lineAt(lines: readonly Line[], perDay: number): Line {
  return (lines.findLast(({ start }) => start <= perDay) ?? lines[0]) as Line;
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

/** The last volume that takes no more than `most` of them; Infinity: any does. */
export function lastWithin({ count, each }: Stair, most: number): number {
  if (each === Number.POSITIVE_INFINITY) return count(1) <= most ? Infinity : 0;
  let last = Math.max(0, Math.floor(most * each));
  while (count(last + 1) <= most) last += 1;
  while (last > 0 && count(last) > most) last -= 1;
  return last;
}
