// Counts with their times → traffic: finds the interval, and what is missing.

import { type Millis, sayDuration } from '../base/units.ts';
import type { LinesEnd } from './line-format.ts';
import { NO_FACTS } from './traffic.ts';
import type { BadLine, Gaps } from './traffic-read.ts';

/** 10 million: 19 years of minutes. Reading stops there. */
export const MAX_INTERVALS = 10_000_000;

/** A count, in the order of the times. */
export interface Point {
  readonly timeMs: Millis;
  /** Undefined: the source has the time and no count. */
  readonly count: number | undefined;
  /** Where it stands, from 1. */
  readonly line: number;
}

/** Counts in a form that holds millions. */
export class Points {
  length = 0;
  #times = new Float64Array(1024);
  #counts = new Float64Array(1024);
  #lines = new Float64Array(1024);

  /** NaN is a count that is not known. */
  push(timeMs: Millis, count: number, line: number): void {
    if (this.length === this.#times.length) {
      this.#times = grown(this.#times);
      this.#counts = grown(this.#counts);
      this.#lines = grown(this.#lines);
    }
    this.#times[this.length] = timeMs;
    this.#counts[this.length] = count;
    this.#lines[this.length] = line;
    this.length += 1;
  }

  time(index: number): Millis {
    return this.#times[index] ?? Number.NaN;
  }

  count(index: number): number {
    return this.#counts[index] ?? Number.NaN;
  }

  line(index: number): number {
    return this.#lines[index] ?? 0;
  }

  sorted(): Points {
    const order = Array.from({ length: this.length }, (_, index) => index);
    order.sort((a, b) => this.time(a) - this.time(b));
    const points = new Points();
    for (const index of order) points.push(this.time(index), this.count(index), this.line(index));
    return points;
  }
}

function grown(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const twice = new Float64Array(array.length * 2);
  twice.set(array);
  return twice;
}

export interface SeriesOptions {
  readonly gapsAreZero: boolean;
  readonly notes: readonly string[];
}

/** `points` must be ordered by time. What is twice there or between two intervals is bad. */
export function seriesOf(points: Points, { gapsAreZero, notes }: SeriesOptions): LinesEnd {
  const intervalMs = commonStep(points);
  const counts: (number | undefined)[] = [];
  const gaps = new GapBook(intervalMs);
  const bad: { count: number; first: BadLine | undefined } = { count: 0, first: undefined };
  let requests = 0;
  let kept = 0;
  let otherUntil = 0;
  for (let index = 0; index < points.length; index += 1) {
    const timeMs = points.time(index);
    const stepMs = timeMs - points.time(kept);
    const steps = Math.round(stepMs / intervalMs);
    if (index >= otherUntil && !gapsAreZero) {
      otherUntil = endOfOther(points, index, intervalMs) ?? otherUntil;
    }
    const mixed = index < otherUntil ? mixedStep(stepMs, intervalMs) : undefined;
    const wrong = index === 0 ? undefined : (wrongStep(stepMs, intervalMs) ?? mixed);
    if (wrong !== undefined) {
      bad.count += 1;
      bad.first ??= { line: points.line(index), reason: wrong, text: '' };
      continue;
    }
    if (counts.length + Math.max(1, steps) > MAX_INTERVALS) {
      const text = `${MAX_INTERVALS.toLocaleString('en')} intervals`;
      bad.count += points.length - index;
      bad.first ??= { line: points.line(index), reason: `it is beyond ${text}`, text: '' };
      break;
    }
    for (let missing = 1; missing < steps; missing += 1) {
      gaps.missing(points.time(kept) + missing * intervalMs);
      counts.push(gapsAreZero ? 0 : undefined);
    }
    const count = points.count(index);
    if (Number.isNaN(count)) gaps.missing(timeMs);
    counts.push(Number.isNaN(count) ? (gapsAreZero ? 0 : undefined) : count);
    requests += Number.isNaN(count) ? 0 : count;
    kept = index;
  }
  const startMs = points.time(0);
  const known = points.length >= 2;
  return {
    traffic: known ? { intervalMs, counts, startMs, requests: NO_FACTS } : undefined,
    requests,
    peakSecond: undefined,
    gaps: gapsAreZero ? undefined : gaps.all(),
    bad,
    notes,
  };
}

function wrongStep(stepMs: Millis, intervalMs: Millis): string | undefined {
  if (stepMs === 0) return 'its time is the same as before';
  if (stepMs < 0) return `its time is ${sayDuration(-stepMs)} before that of the line before`;
  if (stepMs % intervalMs === 0) return undefined;
  return `it is ${sayDuration(stepMs)} after the one before, where the others are ${sayDuration(intervalMs)} apart`;
}

/**
 * Where a run of points ends that begins at `index` and has another interval, a multiple of the common
 * one, so that it is no gap; undefined: there is none. Points that are left out at random make such a
 * run too, each with a probability of a quarter at most: what is taken for one happens by chance in
 * one of a thousand sources.
 */
function endOfOther(points: Points, index: number, intervalMs: Millis): number | undefined {
  const step = (at: number): Millis => points.time(at) - points.time(at - 1);
  const otherMs = step(index);
  if (index === 0 || !(otherMs > intervalMs) || otherMs % intervalMs !== 0) return undefined;
  let end = index + 1;
  while (end < points.length && step(end) === otherMs) end += 1;
  return end - index >= Math.ceil((Math.log2(points.length) + 10) / 2) ? end : undefined;
}

function mixedStep(stepMs: Millis, intervalMs: Millis): string {
  return `from here on lines are ${sayDuration(stepMs)} apart, where the others are ${sayDuration(intervalMs)}: add them up to one interval`;
}

/** The time between two points that is there most often. */
function commonStep(points: Points): Millis {
  const seen = new Map<Millis, number>();
  for (let index = 1; index < points.length; index += 1) {
    const step = points.time(index) - points.time(index - 1);
    if (step > 0) seen.set(step, (seen.get(step) ?? 0) + 1);
  }
  const [[step] = [1]] = [...seen].sort(([a, often], [b, oftenB]) => oftenB - often || a - b);
  return step;
}

class GapBook {
  readonly #intervalMs: Millis;
  #count = 0;
  #ms = 0;
  #longest = { fromMs: 0, ms: 0 };
  #current = { fromMs: 0, ms: 0 };

  constructor(intervalMs: Millis) {
    this.#intervalMs = intervalMs;
  }

  missing(fromMs: Millis): void {
    const current = this.#current;
    const goesOn = this.#count > 0 && current.fromMs + current.ms === fromMs;
    if (!goesOn) this.#count += 1;
    this.#current = goesOn
      ? { fromMs: current.fromMs, ms: current.ms + this.#intervalMs }
      : { fromMs, ms: this.#intervalMs };
    this.#ms += this.#intervalMs;
    if (this.#current.ms > this.#longest.ms) this.#longest = this.#current;
  }

  all(): Gaps | undefined {
    if (this.#count === 0) return undefined;
    return { count: this.#count, ms: this.#ms, longest: this.#longest };
  }
}
