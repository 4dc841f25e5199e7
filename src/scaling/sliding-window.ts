// The latest samples of a value, each with the seconds that it stands for. A window of a minute holds
// the fewest of the latest samples that together cover a minute: 60 of one second, one of five minutes.
//
// It is a ring of plain data, written in place: nothing is allocated while a window slides, except
// when it has to hold more samples than ever before.

/** Seconds that were added up in parts are as long as those that were not. */
export const SAME_SECONDS = 1e-9;

export interface SlidingWindow {
  /** Its length, seconds. */
  readonly seconds: number;
  /** A ring; its length is a power of two. */
  values: Float64Array;
  spans: Float64Array;
  /** Index of the oldest sample. */
  first: number;
  count: number;
  /** Seconds that its samples stand for. */
  held: number;
}

const FIRST_ROOM = 64;

export function slidingWindow(seconds: number): SlidingWindow {
  return {
    seconds,
    values: new Float64Array(FIRST_ROOM),
    spans: new Float64Array(FIRST_ROOM),
    first: 0,
    count: 0,
    held: 0,
  };
}

export function slideIn(window: SlidingWindow, value: number, span: number): void {
  if (window.count === window.values.length) makeRoom(window);
  const index = (window.first + window.count) & (window.values.length - 1);
  window.values[index] = value;
  window.spans[index] = span;
  window.count += 1;
  window.held += span;
}

/** The window is covered without its oldest sample. */
export function isOver({ seconds, spans, first, count, held }: SlidingWindow): boolean {
  return count > 1 && held - (spans[first] ?? 0) >= seconds - SAME_SECONDS;
}

/** Forgets the oldest sample. True: it was the last of the ring, and the next is its first. */
export function slideOut(window: SlidingWindow): boolean {
  window.held -= window.spans[window.first] ?? 0;
  window.count -= 1;
  window.first = (window.first + 1) & (window.values.length - 1);
  return window.first === 0;
}

/** Index of a sample, 0 is the oldest. */
export function indexOf({ values, first }: SlidingWindow, sample: number): number {
  return (first + sample) & (values.length - 1);
}

function makeRoom(window: SlidingWindow): void {
  const { count } = window;
  const values = new Float64Array(count * 2);
  const spans = new Float64Array(count * 2);
  for (let sample = 0; sample < count; sample += 1) {
    const index = indexOf(window, sample);
    values[sample] = window.values[index] ?? 0;
    spans[sample] = window.spans[index] ?? 0;
  }
  window.values = values;
  window.spans = spans;
  window.first = 0;
}
