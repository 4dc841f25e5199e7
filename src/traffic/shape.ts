// Shapes of traffic: those with a name, a list of numbers, and what a trace shows.

import { MS_PER_DAY } from '../base/calendar.ts';
import { type Millis, MS_PER_HOUR } from '../base/units.ts';
import type { Shape, Traffic } from './traffic.ts';

const HOURS_PER_DAY = 24;
const DAYS_PER_WEEK = 7;

/** Busiest hour of a day and its quietest, from the mean: 1.75 and 0.25. */
const DAY_SWING = 0.75;
const BUSIEST_HOUR = 15;

/** Of a working day. */
const WEEKEND_PART = 0.6;

/** 8 to 18 o'clock, with a shorter lunch; the rest of the week has a twentieth. */
const OFFICE_HOURS = [0.5, 0.9, 1, 1, 0.8, 0.9, 1, 1, 0.9, 0.6];
const OFFICE_OPENS = 8;
const OUT_OF_OFFICE = 0.05;

export type ShapeName = 'flat' | 'day' | 'week' | 'business';

export const SHAPE_NAMES: Readonly<Record<ShapeName, string>> = {
  flat: 'the same at every hour',
  day: 'a day with a busy afternoon and a quiet night',
  week: 'such days, with a quieter weekend',
  business: 'office hours from Monday to Friday, and next to nothing else',
};

/** By the hour, in UTC as a trace is; a week begins on Monday. */
export function namedShape(name: ShapeName): Shape {
  switch (name) {
    case 'flat':
      return shapeOfSteps([1], MS_PER_HOUR, name);
    case 'day':
      return shapeOfSteps(aDay(), MS_PER_HOUR, name);
    case 'week':
      return shapeOfSteps(aWeek(aDay(), WEEKEND_PART), MS_PER_HOUR, name);
    case 'business':
      return shapeOfSteps(officeWeek(), MS_PER_HOUR, name);
  }
}

/** A cosine: the same swing above the mean as below. */
function aDay(): readonly number[] {
  return Array.from(
    { length: HOURS_PER_DAY },
    (_, hour) =>
      1 + DAY_SWING * Math.cos((2 * Math.PI * (hour + 0.5 - BUSIEST_HOUR)) / HOURS_PER_DAY),
  );
}

function aWeek(day: readonly number[], weekend: number): readonly number[] {
  return Array.from({ length: DAYS_PER_WEEK }, (_, index) =>
    day.map((part) => (index >= 5 ? part * weekend : part)),
  ).flat();
}

function officeWeek(): readonly number[] {
  const free = Array.from({ length: HOURS_PER_DAY }, () => OUT_OF_OFFICE);
  const work = free.map((part, hour) => OFFICE_HOURS[hour - OFFICE_OPENS] ?? part);
  return Array.from({ length: DAYS_PER_WEEK }, (_, day) => (day >= 5 ? free : work)).flat();
}

/**
 * A cycle of numbers, each of a step of `stepMs`, brought to a mean of 1. Throws RangeError for an
 * empty list, for what is negative or not finite, and for nothing but zeros.
 */
export function shapeOfSteps(steps: readonly number[], stepMs: Millis, name: string): Shape {
  const wrong = steps.find((step) => !(step >= 0 && step < Number.POSITIVE_INFINITY));
  if (wrong !== undefined) throw new RangeError(`must be numbers from 0 on, was: ${wrong}`);
  const sum = steps.reduce((total, step) => total + step, 0);
  if (sum === 0) throw new RangeError('must have a number above 0');
  return { stepMs, steps: withMeanOne(steps, sum / steps.length), name };
}

/**
 * On a grid of binary fractions that is so fine that nothing is lost, and so coarse that sums of steps
 * are exact in any order. What rounding leaves is taken up by the largest step.
 */
function withMeanOne(steps: readonly number[], mean: number): readonly number[] {
  const grid = 2 ** (SUM_BITS - Math.ceil(Math.log2(steps.length + 1)));
  const onGrid = steps.map((step) => Math.round((step / mean) * grid) / grid);
  const largest = onGrid.indexOf(onGrid.reduce((most, step) => Math.max(most, step), 0));
  const sum = onGrid.reduce((total, step) => total + step, 0);
  onGrid[largest] = (onGrid[largest] ?? 0) + (onGrid.length - sum);
  return onGrid;
}

/** Of the 53 bits of a number, those that a sum may use. */
const SUM_BITS = 51;

/** The steps as so many requests each, that are `mean` on the average. */
export function scaled({ steps }: Shape, mean: number): readonly number[] {
  return steps.map((step) => step * mean);
}

/** Cycles of a week are told from this much of a trace on, those of a day from a day on. */
const WEEK_FROM_MS = 2 * DAYS_PER_WEEK * MS_PER_DAY;

/** Of a cycle, the part of its steps that must be known. */
const MIN_KNOWN = 0.9;

/**
 * How a trace goes over its cycle: a week when it is two weeks or longer, a day when it is a day,
 * else what there is of it once. Steps are hours, or its intervals where they are longer or the trace
 * is shorter than a day. Each is the mean over what is known of it; a cycle that is not known to nine
 * tenths is not taken. Undefined for a trace without a request.
 */
export function shapeOf(traffic: Traffic, name: string): Shape | undefined {
  const { intervalMs, counts } = traffic;
  const spanMs = counts.length * intervalMs;
  const hours = Math.max(1, Math.round(MS_PER_HOUR / intervalMs)) * intervalMs;
  for (const [cycleMs, fromMs] of [
    [DAYS_PER_WEEK * MS_PER_DAY, WEEK_FROM_MS],
    [MS_PER_DAY, MS_PER_DAY],
  ] as const) {
    if (spanMs < fromMs || intervalMs > cycleMs / 2 || cycleMs % hours !== 0) continue;
    const steps = meansOver(traffic, cycleMs, hours);
    const known = steps.filter((step) => step !== undefined).length;
    if (known < steps.length * MIN_KNOWN) continue;
    return shapeOfMeans(steps, hours, name);
  }
  return shapeOfMeans(counts, intervalMs, name);
}

function shapeOfMeans(
  steps: readonly (number | undefined)[],
  stepMs: Millis,
  name: string,
): Shape | undefined {
  const known = steps.filter((step) => step !== undefined);
  const sum = known.reduce((total, step) => total + step, 0);
  if (sum === 0) return undefined;
  const mean = sum / known.length;
  return shapeOfSteps(
    steps.map((step) => step ?? mean),
    stepMs,
    name,
  );
}

/** By the time since Monday or midnight where the trace has a time, else since its begin. */
function meansOver(
  { intervalMs, counts, startMs = 0 }: Traffic,
  cycleMs: Millis,
  stepMs: Millis,
): readonly (number | undefined)[] {
  const sums = new Float64Array(cycleMs / stepMs);
  const known = new Float64Array(cycleMs / stepMs);
  const beginMs = startMs - MONDAY_MS;
  for (const [index, count] of counts.entries()) {
    if (count === undefined) continue;
    const at = beginMs + index * intervalMs;
    const step = Math.floor((at - Math.floor(at / cycleMs) * cycleMs) / stepMs);
    sums[step] = (sums[step] ?? 0) + count;
    known[step] = (known[step] ?? 0) + 1;
  }
  return Array.from(sums, (sum, step) =>
    known[step] === 0 ? undefined : sum / (known[step] ?? 1),
  );
}

/** 1970-01-05 was a Monday. */
const MONDAY_MS = 4 * MS_PER_DAY;

/** Of a shape: its busiest step over the mean. */
export function peakOverAverage({ steps }: Shape): number {
  return steps.reduce((most, step) => Math.max(most, step), 0);
}

/**
 * Within one step of `shape`, the busiest interval of the trace over the mean of that step: what the
 * steps hide. 1 where the intervals are no finer. The median over the steps that have requests, so
 * that one odd hour does not size everything.
 */
export function peakWithin({ intervalMs, counts }: Traffic, { stepMs }: Shape): number {
  const each = Math.round(stepMs / intervalMs);
  if (each <= 1) return 1;
  const peaks: number[] = [];
  for (let from = 0; from + each <= counts.length; from += each) {
    const known = counts.slice(from, from + each).filter((count) => count !== undefined);
    const sum = known.reduce((total, count) => total + count, 0);
    if (sum === 0) continue;
    const most = known.reduce((max, count) => Math.max(max, count), 0);
    peaks.push(most / (sum / known.length));
  }
  peaks.sort((a, b) => a - b);
  return peaks[Math.floor(peaks.length / 2)] ?? 1;
}

/** Over what is known of it. Undefined when nothing is. */
export function requestsPerDay({ intervalMs, counts }: Traffic): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  if (known.length === 0) return undefined;
  const sum = known.reduce((total, count) => total + count, 0);
  return (sum / known.length) * (MS_PER_DAY / intervalMs);
}
