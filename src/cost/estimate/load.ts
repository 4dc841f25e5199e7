// How busy an app is over a month: the levels of its shape, and how requests fall around the mean of
// each.
//
// Tasks come and go at the borders of the steps of the shape, or of a minute where steps are shorter
// (a task is billed for a minute at least), so the order of the steps does not matter: equal ones
// are one level.
//
// Within a step the load is not steady. Its busiest moment is `peak` times its mean m. Between the
// two we take the load-duration curve peak·m·uᵏ, u even from 0 to 1, with the k = peak − 1 that
// gives the mean. A peak of 1 is steady, of 2 every load from 0 to 2m alike. What exceeds a capacity
// then has a closed form.

import { MS_PER_MINUTE } from '../../base/units.ts';
import type { Shape } from '../../traffic/traffic.ts';

/** Steps that are alike. */
export interface Level {
  /** Part of the month. */
  readonly part: number;
  /** Means of what falls together into one step of planning, over the mean of the month. */
  readonly loads: readonly number[];
}

/** Of rounding: so much of a capacity is not worth a task. */
const ALMOST = 1e-9;

/** Made once of each shape: a search asks for those of one thousands of times. */
export function levelsOf(shape: Shape): readonly Level[] {
  const made = LEVELS.get(shape) ?? madeOf(shape);
  LEVELS.set(shape, made);
  return made;
}

const LEVELS = new WeakMap<Shape, readonly Level[]>();

function madeOf({ stepMs, steps }: Shape): readonly Level[] {
  const block = Math.max(1, Math.ceil(MS_PER_MINUTE / stepMs));
  return block === 1 ? levelsOfSteps(steps) : levelsOfBlocks(steps, block);
}

function levelsOfSteps(steps: readonly number[]): readonly Level[] {
  const counts = new Map<number, number>();
  for (const load of steps) counts.set(load, (counts.get(load) ?? 0) + 1);
  return [...counts].map(([load, count]) => ({ part: count / steps.length, loads: [load] }));
}

/** What is left over at the end goes with the block before it. */
function levelsOfBlocks(steps: readonly number[], block: number): readonly Level[] {
  const blocks = Math.max(1, Math.floor(steps.length / block));
  return Array.from({ length: blocks }, (_, index) => {
    const end = index === blocks - 1 ? steps.length : (index + 1) * block;
    const loads = steps.slice(index * block, end);
    return { part: loads.length / steps.length, loads };
  });
}

/** The busiest moment of the month over its mean. */
export function peakOverMean({ steps }: Shape, peak: number): number {
  return steps.reduce((most, load) => Math.max(most, load), 0) * peak;
}

/** The mean of a load that exceeds `capacity`: of a mean and a busiest moment over that mean. */
export function excess(mean: number, peak: number, capacity: number): number {
  if (capacity <= 0) return mean;
  if (capacity >= mean * peak * (1 - ALMOST)) return 0;
  if (peak <= 1 + ALMOST) return mean - capacity;
  const exponent = 1 / (peak - 1);
  const u = (capacity / (mean * peak)) ** exponent;
  return Math.max(0, mean - capacity + capacity * u * (1 - 1 / peak));
}

/** The mean of all loads of a level that exceeds `capacity`. */
export function excessOf({ loads }: Level, rps: number, peak: number, capacity: number): number {
  const sum = loads.reduce((all, load) => all + excess(load * rps, peak, capacity), 0);
  return sum / loads.length;
}

export function meanOf({ loads }: Level): number {
  return loads.reduce((all, load) => all + load, 0) / loads.length;
}

export function busiestOf({ loads }: Level): number {
  return loads.reduce((most, load) => Math.max(most, load), 0);
}

/** Tasks that take so much, one of which takes `each`. */
export function tasksFor(load: number, each: number): number {
  return load <= 0 ? 0 : Math.max(1, Math.ceil(load / each - ALMOST));
}
