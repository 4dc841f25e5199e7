// What a trace costs at least, whoever places it: the clairvoyant optimum without the minimum charge
// of a task (`minimumSeconds`).
//
// For one level, with a = g·x − p what a task saves in a second (negative: wastes), the dynamic
// programme is
//
//   W_off ← min(W_off, W_on) + g·x        W_on ← min(W_on, W_off + β) + p
//
// and only the difference matters: w = clip(W_on − W_off, 0, β) goes on as w ← clip(w − a, 0, β), and
// what is saved over Lambda alone is the sum of max(0, a − w). This is exact:
//
//   O1. A step of s seconds with the same demand in each of them is one step with s·a: while a keeps
//       its sign w goes one way only, so clipping at the end is the same as clipping each second. So
//       decisions at any second within a step, or between two seconds, save nothing more.
//   O2. x_k falls with k, so w_k rises with k, from 0 to β. Written as its differences, it is β laid
//       out over the levels: what lies at level j is w_{j+1} − w_j. (No demand yet: all of it lies
//       at 0. A level above the peak needs no memory.)
//   O3. A step with A requests, f full levels and r requests in the next one, lays g·(μ − r) down at
//       f and g·r at f + 1, and takes g·μ − p away from the lowest level and p from the highest one.
//       What is taken from level j below has saved j times itself: it is the amount by which the j
//       levels below went under 0.
//
// By O3 a step costs two additions and what it takes away, however many levels there are. The whole is
// held to the plain programme to 1e-9 (lower-bound.test.ts).

import type { PlacementTerms } from '../../scaling/placement.ts';
import { type DemandSum, grown, type LevelTerms, levelTerms } from './levels.ts';

/** β over the levels (O2), in requests, and what was saved so far. */
export interface Layout {
  /** What lies at each level. */
  at: Float64Array<ArrayBuffer>;
  /** The lowest and the highest level at which something lies. */
  low: number;
  high: number;
  /** Requests that Lambda need not be paid for. */
  saved: number;
  /** Requests beyond the tasks that are always there. */
  requests: number;
  /** Steps that are no gaps. */
  steps: number;
}

export function emptyLayout(levels: LevelTerms): Layout {
  const at = new Float64Array(64);
  at[0] = levels.startPrice;
  return { at, low: 0, high: 0, saved: 0, requests: 0, steps: 0 };
}

/** USD. */
export function lowerSum(terms: PlacementTerms, stepSeconds: number): DemandSum<number> {
  const levels = levelTerms(terms, stepSeconds);
  const layout = emptyLayout(levels);
  return {
    take: ({ counts, length }) => takeSteps(layout, levels, counts, length),
    result: () =>
      layout.steps * levels.least * levels.usdPerTaskStep +
      (layout.requests - layout.saved) * levels.usdPerRequest,
  };
}

/** Steps with NaN are gaps: nothing happens. */
export function takeSteps(
  layout: Layout,
  levels: LevelTerms,
  counts: Float64Array,
  length: number,
): void {
  const { capacity, least, room, taskPrice, pays } = levels;
  const always = least * capacity;
  const below = capacity - taskPrice;
  let { at, low, high } = layout;
  let saved = 0;
  let requests = 0;
  let steps = 0;
  for (let step = 0; step < length; step += 1) {
    const count = counts[step] as number;
    if (Number.isNaN(count)) continue;
    steps += 1;
    const open = count > always ? count - always : 0;
    requests += open;
    if (!pays || (open === 0 && high === 0)) continue;
    let full = Math.floor(open / capacity);
    // A quotient that was rounded up leaves less than nothing.
    let rest = Math.max(0, open - full * capacity);
    if (full >= room) {
      full = room;
      rest = 0;
    }
    if (full + 2 > at.length) at = grown(at, full + 2);
    at[full] = (at[full] as number) + capacity - rest;
    if (full < low) low = full;
    if (full > high) high = full;
    if (rest > 0) {
      at[full + 1] = (at[full + 1] as number) + rest;
      if (full + 1 > high) high = full + 1;
    }
    let left = below;
    let lies = at[low] as number;
    while (lies <= left && low < high) {
      saved += lies * low;
      left -= lies;
      at[low] = 0;
      low += 1;
      lies = at[low] as number;
    }
    saved += left * low;
    at[low] = Math.max(0, lies - left);
    left = taskPrice;
    lies = at[high] as number;
    while (lies <= left && high > low) {
      left -= lies;
      at[high] = 0;
      high -= 1;
      lies = at[high] as number;
    }
    at[high] = Math.max(0, lies - left);
  }
  layout.at = at;
  layout.low = low;
  layout.high = high;
  layout.saved += saved;
  layout.requests += requests;
  layout.steps += steps;
}
