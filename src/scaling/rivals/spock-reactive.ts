// Spock, its reactive scaler: a request goes to a free slot of a machine; where none is free it goes
// to Lambda at once, and a machine is asked for. Machines are filled one after the other, so one that
// is not needed stays idle, and ends.
//
// So there are as many tasks as the busiest second of the last minute filled. The abstract and what
// is quoted of the paper do not say for how long a machine may be idle; here as long as Fargate bills
// it at least, which is to Spock's advantage. Its other scaler forecasts, and is not here.

import type { PlacementPolicy } from '../placement.ts';
import { addToMax, maxOf, type SlidingMax, slidingMax } from '../sliding-max.ts';
import { sayTasks, tasksFor, tasksWithin } from './tasks-within.ts';

/** Seconds that a task is idle before it ends. Ours. */
const IDLE_SECONDS = 60;

export interface SpockMemory {
  /** Requests a second. */
  readonly busiest: SlidingMax;
}

export const spockReactive: PlacementPolicy<SpockMemory> = {
  name: 'spock-reactive',
  says: 'Spock: a task more when none is free, and Lambda until it runs',
  source: 'Gunasekaran et al., Spock, CLOUD 2019, https://doi.org/10.1109/CLOUD.2019.00043',
  overflow: true,
  needsForesight: false,
  start: () => ({ busiest: slidingMax(IDLE_SECONDS) }),
  decide({ busiest }, { requests, span }, terms) {
    addToMax(busiest, requests / span, span);
    return tasksWithin(terms, tasksFor(maxOf(busiest), terms.taskRate));
  },
  why({ busiest }, terms) {
    const rate = maxOf(busiest);
    const tasks = tasksWithin(terms, tasksFor(rate, terms.taskRate));
    return {
      text: `${sayTasks(tasks)}: the busiest second of the last ${IDLE_SECONDS} s had ${rate.toFixed(1)} requests`,
      figures: { tasks, busiestRate: rate, taskRate: terms.taskRate },
    };
  },
};
