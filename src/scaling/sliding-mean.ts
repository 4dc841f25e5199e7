// The mean of a value over the latest seconds, each sample weighted by the time it stands for.

import {
  indexOf,
  isOver,
  type SlidingWindow,
  slideIn,
  slideOut,
  slidingWindow,
} from './sliding-window.ts';

export interface SlidingMean {
  readonly window: SlidingWindow;
  /** Of value × seconds. */
  sum: number;
}

export function slidingMean(seconds: number): SlidingMean {
  return { window: slidingWindow(seconds), sum: 0 };
}

export function addToMean(mean: SlidingMean, value: number, span: number): void {
  const { window } = mean;
  slideIn(window, value, span);
  mean.sum += value * span;
  while (isOver(window)) {
    const { first, values, spans } = window;
    mean.sum -= (values[first] ?? 0) * (spans[first] ?? 0);
    if (slideOut(window)) addUpAgain(mean);
  }
}

/** Of what was seen, while that is less than the window; 0 before anything was. */
export function meanOf({ sum, window }: SlidingMean): number {
  return window.held > 0 ? Math.max(0, sum / window.held) : 0;
}

/** What adding and subtracting leaves in the last digits does not gather for longer than one round. */
function addUpAgain(mean: SlidingMean): void {
  const { window } = mean;
  mean.sum = 0;
  window.held = 0;
  for (let sample = 0; sample < window.count; sample += 1) {
    const index = indexOf(window, sample);
    const span = window.spans[index] ?? 0;
    mean.sum += (window.values[index] ?? 0) * span;
    window.held += span;
  }
}
