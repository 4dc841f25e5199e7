import type { PlacementTerms } from '../placement.ts';

/** Tasks for a rate, rounded up: 3 × 60 ÷ 60 is 3, whatever floating point makes of it. */
export function tasksFor(rate: number, taskRate: number): number {
  return Math.max(0, Math.ceil(rate / taskRate - 1e-9));
}

/** Within the minimum and the maximum. */
export function tasksWithin(
  { minTasks, maxTasks }: Pick<PlacementTerms, 'minTasks' | 'maxTasks'>,
  tasks: number,
): number {
  return Math.min(Math.max(tasks, minTasks), maxTasks);
}
