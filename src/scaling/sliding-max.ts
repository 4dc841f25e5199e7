// The most of a value over the latest seconds. A sample that a later one reaches can never be the most
// again and is forgotten at once, so the oldest that is left is the answer.

import { SAME_SECONDS } from './sliding-window.ts';

export interface SlidingMax {
  /** Length of the window, seconds. */
  readonly seconds: number;
  /** Seconds that were seen so far. */
  seen: number;
  /** A ring of falling values; its length is a power of two. */
  values: Float64Array;
  /** When the time ends that each stands for, in seconds seen. */
  ends: Float64Array;
  first: number;
  count: number;
}

const FIRST_ROOM = 64;

export function slidingMax(seconds: number): SlidingMax {
  return {
    seconds,
    seen: 0,
    values: new Float64Array(FIRST_ROOM),
    ends: new Float64Array(FIRST_ROOM),
    first: 0,
    count: 0,
  };
}

export function addToMax(most: SlidingMax, value: number, span: number): void {
  most.seen += span;
  while (most.count > 0 && (most.values[last(most)] ?? 0) <= value) most.count -= 1;
  if (most.count === most.values.length) makeRoom(most);
  most.count += 1;
  const index = last(most);
  most.values[index] = value;
  most.ends[index] = most.seen;
  const begin = most.seen - most.seconds + SAME_SECONDS;
  while (most.count > 1 && (most.ends[most.first] ?? 0) <= begin) {
    most.first = (most.first + 1) & (most.values.length - 1);
    most.count -= 1;
  }
}

/** 0 before anything was seen. */
export function maxOf({ values, first, count }: SlidingMax): number {
  return count === 0 ? 0 : (values[first] ?? 0);
}

function last({ values, first, count }: SlidingMax): number {
  return (first + count - 1) & (values.length - 1);
}

function makeRoom(most: SlidingMax): void {
  const { count, first } = most;
  const values = new Float64Array(count * 2);
  const ends = new Float64Array(count * 2);
  for (let sample = 0; sample < count; sample += 1) {
    const index = (first + sample) & (count - 1);
    values[sample] = most.values[index] ?? 0;
    ends[sample] = most.ends[index] ?? 0;
  }
  most.values = values;
  most.ends = ends;
  most.first = 0;
}
