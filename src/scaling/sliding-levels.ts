// How many tasks would have paid over the latest seconds. Task k (from 0) carries the part of the
// demand between k·μ and (k+1)·μ; the mean of that part falls with k, so those that pay are the first
// ones.
//
// A sample is kept once, at the level that it ends in: all levels below it were full, those above
// empty. So a sample comes and goes in constant time, however many tasks it fills.

import {
  indexOf,
  isOver,
  type SlidingWindow,
  slideIn,
  slideOut,
  slidingWindow,
} from './sliding-window.ts';

export interface SlidingLevels {
  /** Of the demand, requests a second. */
  readonly window: SlidingWindow;
  /** μ and the most tasks that the sums below were made with. */
  taskRate: number;
  most: number;
  /** By level: seconds in which the demand ended in it. */
  seconds: Float64Array;
  /** By level: requests that it had in those seconds. */
  requests: Float64Array;
  /** Levels that pay. */
  paying: number;
  /** Seconds in which the demand ended above the first level that does not pay. */
  above: number;
}

export interface LevelTerms {
  /** μ, requests a second. */
  readonly taskRate: number;
  readonly maxTasks: number;
  /** Requests a second that a level must have on the average to pay. p/g. */
  readonly payingRate: number;
}

const FIRST_ROOM = 16;

export function slidingLevels(seconds: number): SlidingLevels {
  return {
    window: slidingWindow(seconds),
    taskRate: 0,
    most: 0,
    seconds: new Float64Array(FIRST_ROOM),
    requests: new Float64Array(FIRST_ROOM),
    paying: 0,
    above: 0,
  };
}

/** Levels that pay after a demand of `rate` for `span` seconds. Time before the first sample is empty. */
export function addToLevels(
  levels: SlidingLevels,
  rate: number,
  span: number,
  terms: LevelTerms,
): number {
  const { window } = levels;
  if (terms.taskRate !== levels.taskRate || terms.maxTasks !== levels.most) {
    levels.taskRate = terms.taskRate;
    levels.most = terms.maxTasks;
    addUpAgain(levels);
  }
  slideIn(window, rate, span);
  count(levels, rate, span);
  while (isOver(window)) {
    const { first, values, spans } = window;
    count(levels, values[first] ?? 0, -(spans[first] ?? 0));
    if (slideOut(window)) addUpAgain(levels);
  }
  return countPaying(levels, terms.payingRate);
}

/** Mean demand of a level over the window, requests a second; 0 beyond those that are counted. */
export function meanOfLevel(levels: SlidingLevels, level: number): number {
  const { window } = levels;
  let above = 0;
  for (let one = level + 1; one < levels.seconds.length; one += 1)
    above += levels.seconds[one] ?? 0;
  const requests = (levels.requests[level] ?? 0) + levels.taskRate * above;
  return requests / Math.max(window.seconds, window.held);
}

function count(levels: SlidingLevels, rate: number, span: number): void {
  const { taskRate, most } = levels;
  const level = Math.min(Math.floor(rate / taskRate), most);
  if (level >= levels.seconds.length) makeRoom(levels, level);
  levels.seconds[level] = (levels.seconds[level] ?? 0) + span;
  levels.requests[level] = (levels.requests[level] ?? 0) + (rate - level * taskRate) * span;
  if (level > levels.paying) levels.above += span;
}

function countPaying(levels: SlidingLevels, payingRate: number): number {
  const { window, seconds, requests, taskRate, most } = levels;
  const needed = payingRate * Math.max(window.seconds, window.held);
  let { paying, above } = levels;
  while (paying < most && (requests[paying] ?? 0) + taskRate * above > needed) {
    paying += 1;
    above -= seconds[paying] ?? 0;
  }
  while (paying > 0) {
    const below = above + (seconds[paying] ?? 0);
    if ((requests[paying - 1] ?? 0) + taskRate * below > needed) break;
    paying -= 1;
    above = below;
  }
  levels.paying = paying;
  levels.above = above;
  return paying;
}

/** With another μ, and now and then for the last digits. */
function addUpAgain(levels: SlidingLevels): void {
  const { window } = levels;
  levels.seconds.fill(0);
  levels.requests.fill(0);
  levels.paying = Math.min(levels.paying, levels.most);
  levels.above = 0;
  window.held = 0;
  for (let sample = 0; sample < window.count; sample += 1) {
    const index = indexOf(window, sample);
    const span = window.spans[index] ?? 0;
    window.held += span;
    count(levels, window.values[index] ?? 0, span);
  }
}

function makeRoom(levels: SlidingLevels, level: number): void {
  const room = 2 ** Math.ceil(Math.log2(level + 2));
  const seconds = new Float64Array(room);
  const requests = new Float64Array(room);
  seconds.set(levels.seconds);
  requests.set(levels.requests);
  levels.seconds = seconds;
  levels.requests = requests;
}
