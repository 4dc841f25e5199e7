// How many tasks the clairvoyant keeps, for plots: the schedule that costs the lower bound.
//
// By O2 of `lower-bound.ts` the levels up to `low` have w = 0 after a step, and those above `high` have
// w = β. Where w is 0 a cheapest schedule has the task on at that moment; where it is β, off. A level
// in between keeps what it was until it comes to the other end, and then it was right to have changed
// when it left the first one. So each change is known after a while, and memory is for levels only.

import type { PlacementTerms } from '../../scaling/placement.ts';
import type { Demand } from '../demand.ts';
import { levelTerms } from './levels.ts';
import { emptyLayout, type Layout, takeSteps } from './lower-bound.ts';

/** One level: since which step it is as it is, and when it last touched the end that says so. */
interface LevelState {
  on: boolean;
  /** The first step after it last had w = 0 while on, or w = β while off. */
  left: number;
}

/** Tasks over time as the sum of what changes; each part of the time is a point. */
interface Points {
  readonly steps: number;
  /** Change from one point to the next, and what a point has beside it. */
  readonly change: Float64Array;
  readonly part: Float64Array;
}

/** Mean tasks in each of so many equal parts of the time, gaps in it. */
export function clairvoyantTasks(
  demand: Demand,
  terms: PlacementTerms,
  points: number,
): Float64Array {
  const levels = levelTerms(terms, demand.stepSeconds);
  const layout = emptyLayout(levels);
  const states: LevelState[] = [];
  const drawn = {
    steps: demand.steps,
    change: new Float64Array(points + 1),
    part: new Float64Array(points + 1),
  };
  const touched = { low: 0, high: 0 };
  let at = 0;
  for (const { counts, length } of demand.chunks()) {
    for (let step = 0; step < length; step += 1) {
      takeSteps(layout, levels, counts.subarray(step, step + 1), 1);
      at += 1;
      touch(states, touched, layout, at, drawn);
    }
  }
  // At the end whoever is on may stop at once, so those in between stopped when they left 0.
  states.forEach((state, level) => {
    if (state.on && level >= touched.low) add(drawn, state.left, -1);
  });
  let tasks = levels.least;
  return drawn.part.subarray(0, points).map((part, point) => {
    tasks += drawn.change[point] as number;
    return tasks + part;
  });
}

/** After step `at`: levels before `low` are to be on, those from `high` are to be off. */
function touch(
  states: LevelState[],
  touched: { low: number; high: number },
  { low, high }: Layout,
  at: number,
  drawn: Points,
): void {
  while (states.length < high) states.push({ on: false, left: at - 1 });
  // They touched an end until the last step and do not any more.
  for (let level = low; level < touched.low; level += 1) leave(states, level, at - 1);
  for (let level = touched.high; level < high; level += 1) leave(states, level, at - 1);
  for (let level = touched.low; level < low; level += 1) turn(states, level, true, drawn);
  for (let level = high; level < touched.high; level += 1) turn(states, level, false, drawn);
  touched.low = low;
  touched.high = high;
}

function leave(states: readonly LevelState[], level: number, at: number): void {
  const state = states[level];
  if (state !== undefined) state.left = at;
}

function turn(states: readonly LevelState[], level: number, on: boolean, drawn: Points): void {
  const state = states[level];
  if (state === undefined || state.on === on) return;
  state.on = on;
  add(drawn, state.left, on ? 1 : -1);
}

/** So many tasks more from the beginning of step `from` on. */
function add({ steps, change, part }: Points, from: number, tasks: number): void {
  const place = (from / steps) * (change.length - 1);
  const point = Math.floor(place);
  part[point] = (part[point] as number) + tasks * (point + 1 - place);
  if (point + 1 < change.length) change[point + 1] = (change[point + 1] as number) + tasks;
}
