// The newsvendor: demand will be distributed as it was over the last minutes. Task k is worth its
// price when the part of the demand between (k−1)·μ and k·μ would have cost more on Lambda. That is
// the quantile 1 − α of demand, seen through one task: α = p/(g·μ) is the part of a task that must be
// used for it to pay.
//
// Example: p = 2, g = 1, μ = 10, demand 10, 10, 30, 0: task 1 had 7.5 on the average, the others 2.5.
// All three pay, as 2.5·1 > 2; with p = 3 one does.

import type { PlacementPolicy, PlacementTerms } from '../placement.ts';
import { addToLevels, meanOfLevel, type SlidingLevels, slidingLevels } from '../sliding-levels.ts';
import { sayTasks, tasksWithin } from './tasks-within.ts';

/** Seconds of the window. Ours. */
export const WINDOW_SECONDS = 180;

export interface NewsvendorMemory {
  readonly levels: SlidingLevels;
  /** What `levels` is told, so that nothing is made for each tick. */
  readonly told: { taskRate: number; maxTasks: number; payingRate: number };
}

export const newsvendor: PlacementPolicy<NewsvendorMemory> = {
  name: 'newsvendor',
  says: 'the tasks that would have paid over the last 3 minutes, Lambda for the rest',
  source:
    'Newsvendor, Arrow, Harris, Marschak 1951, https://doi.org/10.2307/1906813; as the allocator of Spandana may be, https://arxiv.org/abs/2606.30533',
  overflow: true,
  needsForesight: false,
  start: () => ({
    levels: slidingLevels(WINDOW_SECONDS),
    told: { taskRate: 0, maxTasks: 0, payingRate: 0 },
  }),
  decide({ levels, told }, { requests, span }, terms) {
    told.taskRate = terms.taskRate;
    told.maxTasks = terms.maxTasks;
    told.payingRate = payingRate(terms);
    return tasksWithin(terms, addToLevels(levels, requests / span, span, told));
  },
  why({ levels }, terms) {
    const { paying } = levels;
    const next = meanOfLevel(levels, paying);
    const needed = payingRate(terms);
    return {
      text: `worth it: ${sayTasks(paying)}; the next would have ${next.toFixed(2)} requests/s, and pays from ${needed.toFixed(2)}`,
      figures: { tasks: paying, nextRate: next, payingRate: needed },
    };
  },
};

/** Requests a second that are as dear on Lambda as a task. */
function payingRate({ taskUsdPerSecond, lambdaUsdPerRequest }: PlacementTerms): number {
  return taskUsdPerSecond / lambdaUsdPerRequest;
}
