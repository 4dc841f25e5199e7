// Percentiles of a value over several look-backs at a time, each sample weighted by its time.
//
// Values are counted in steps of a factor of 2^(1/32) of 1 + value, as a histogram with a few digits
// does; a percentile is the lower end of its step, so it is at most 2.2 % of 1 + value below the true
// one and never above it. Each percentile remembers its step and what lies below it, and moves a few
// steps with each sample.

import {
  indexOf,
  SAME_SECONDS,
  type SlidingWindow,
  slideIn,
  slideOut,
  slidingWindow,
} from './sliding-window.ts';

export interface SlidingPercentiles {
  /** Parts of the time, above 0 to 1, in rising order. */
  readonly shares: readonly number[];
  /** The steps of the values, of the longest look-back. */
  readonly window: SlidingWindow;
  readonly lookBacks: readonly LookBack[];
}

export interface LookBack {
  readonly seconds: number;
  /** Of the samples in the window, so many of the latest. */
  kept: number;
  held: number;
  /** Seconds by step. */
  readonly weights: Float64Array;
  /** By share: the step of the percentile, and the seconds below it. */
  readonly at: Int32Array;
  readonly below: Float64Array;
}

const STEPS_PER_OCTAVE = 32;
/** Values up to 2^30. */
const STEPS = STEPS_PER_OCTAVE * 30;

const LOWER_ENDS = Float64Array.from(
  { length: STEPS },
  (_, step) => 2 ** (step / STEPS_PER_OCTAVE) - 1,
);

export function slidingPercentiles(
  lookBacks: readonly number[],
  shares: readonly number[],
): SlidingPercentiles {
  return {
    shares,
    window: slidingWindow(Math.max(...lookBacks)),
    lookBacks: lookBacks.map((seconds) => ({
      seconds,
      kept: 0,
      held: 0,
      weights: new Float64Array(STEPS),
      at: new Int32Array(shares.length),
      below: new Float64Array(shares.length),
    })),
  };
}

export function addToPercentiles(
  percentiles: SlidingPercentiles,
  value: number,
  span: number,
): void {
  const { window, lookBacks, shares } = percentiles;
  const step = stepOf(value);
  slideIn(window, step, span);
  let kept = 0;
  for (let index = 0; index < lookBacks.length; index += 1) {
    const lookBack = lookBacks[index];
    if (lookBack === undefined) continue;
    slide(lookBack, window, step, span);
    for (let share = 0; share < shares.length; share += 1) {
      settle(lookBack, share, (shares[share] ?? 0) * lookBack.held);
    }
    kept = Math.max(kept, lookBack.kept);
  }
  while (window.count > kept) slideOut(window);
}

/** The least value that was not exceeded for that part of the look-back; 0 before anything was seen. */
export function percentileOf(
  { lookBacks }: SlidingPercentiles,
  lookBack: number,
  share: number,
): number {
  return LOWER_ENDS[lookBacks[lookBack]?.at[share] ?? 0] ?? 0;
}

export function stepOf(value: number): number {
  return Math.min(STEPS - 1, Math.floor(STEPS_PER_OCTAVE * Math.log2(1 + value)));
}

function slide(lookBack: LookBack, window: SlidingWindow, step: number, span: number): void {
  weigh(lookBack, step, span);
  lookBack.kept += 1;
  while (lookBack.kept > 1) {
    const oldest = indexOf(window, window.count - lookBack.kept);
    const old = window.spans[oldest] ?? 0;
    if (lookBack.held - old < lookBack.seconds - SAME_SECONDS) return;
    weigh(lookBack, window.values[oldest] ?? 0, -old);
    lookBack.kept -= 1;
  }
}

function weigh(lookBack: LookBack, step: number, span: number): void {
  const { weights, at, below } = lookBack;
  weights[step] = (weights[step] ?? 0) + span;
  for (let share = 0; share < at.length; share += 1) {
    if (step < (at[share] ?? 0)) below[share] = (below[share] ?? 0) + span;
  }
  lookBack.held += span;
}

/** Moves to the first step up to which at least `rank` seconds lie. */
function settle({ weights, at, below }: LookBack, share: number, rank: number): void {
  const enough = rank - SAME_SECONDS;
  let step = at[share] ?? 0;
  let under = below[share] ?? 0;
  while (step > 0 && under >= enough) {
    step -= 1;
    under -= weights[step] ?? 0;
  }
  while (step < STEPS - 1 && under + (weights[step] ?? 0) < enough) {
    under += weights[step] ?? 0;
    step += 1;
  }
  at[share] = step;
  below[share] = under;
}
