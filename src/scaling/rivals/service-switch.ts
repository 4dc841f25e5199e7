// Amoeba: the whole service is on one side, on Lambda at low load and on tasks at high load. The side
// is chosen anew every minute; the old one serves until the new one is warm, which Lambda always is.
//
// What differs: Amoeba leaves the serverless side when it predicts that contention there would break
// the latency target. Lambda has no such contention, so here the cheaper side is chosen: tasks for the
// busiest second of the last minutes against Lambda for the mean. A side must be cheaper by a tenth to
// be taken. A load that the most tasks cannot carry stays on Lambda.

import type {
  PlacementPolicy,
  PlacementReason,
  PlacementSeen,
  PlacementTerms,
} from '../placement.ts';
import { addToMax, maxOf, type SlidingMax, slidingMax } from '../sliding-max.ts';
import { addToMean, meanOf, type SlidingMean, slidingMean } from '../sliding-mean.ts';
import { type Period, periodsEnded } from './period.ts';
import { sayTasks, tasksFor, tasksWithin } from './tasks-within.ts';

/** Seconds between choices. Ours. */
const CHOICE_SECONDS = 60;
/** Seconds of demand that a choice rests on. Ours. */
const LOOK_BACK_SECONDS = 300;
/** Part by which a side must be cheaper. Ours. */
const MARGIN = 0.1;

export interface SwitchMemory {
  readonly mean: SlidingMean;
  readonly busiest: SlidingMax;
  readonly choice: Period;
  /** On Lambda `warming` are tasks that will take the whole service. */
  side: 'lambda' | 'warming' | 'fargate';
  /** For the whole service. */
  tasks: number;
}

export const serviceSwitch: PlacementPolicy<SwitchMemory> = {
  name: 'service-switch',
  says: 'Amoeba: the whole service on Lambda or on tasks, whichever is cheaper',
  source: 'Li et al., Amoeba, IPDPS 2020, https://doi.org/10.1109/IPDPS47924.2020.00049',
  overflow: false,
  needsForesight: false,
  start: () => ({
    mean: slidingMean(LOOK_BACK_SECONDS),
    busiest: slidingMax(LOOK_BACK_SECONDS),
    choice: { passed: 0 },
    side: 'lambda',
    tasks: 0,
  }),
  decide(memory, seen, terms) {
    const rate = seen.requests / seen.span;
    addToMean(memory.mean, rate, seen.span);
    addToMax(memory.busiest, rate, seen.span);
    memory.tasks = tasksFor(maxOf(memory.busiest), terms.taskRate);
    if (periodsEnded(memory.choice, CHOICE_SECONDS, seen.span) > 0) choose(memory, terms);
    return settle(memory, seen, terms);
  },
  offered: ({ side }) => (side === 'fargate' ? Number.POSITIVE_INFINITY : 0),
  why,
};

function choose(memory: SwitchMemory, terms: PlacementTerms): void {
  const fargate = memory.tasks * terms.taskUsdPerSecond;
  const lambda = meanOf(memory.mean) * terms.lambdaUsdPerRequest;
  const fits = memory.tasks <= terms.maxTasks;
  if (!fits || lambda < fargate * (1 - MARGIN)) memory.side = 'lambda';
  else if (memory.side === 'lambda' && fargate < lambda * (1 - MARGIN)) memory.side = 'warming';
}

/** The tasks take the service when as many as it needs are ready; a service without load needs none. */
function settle(memory: SwitchMemory, { ready }: PlacementSeen, terms: PlacementTerms): number {
  if (memory.tasks === 0) memory.side = 'lambda';
  if (memory.side === 'lambda') return tasksWithin(terms, 0);
  const tasks = tasksWithin(terms, memory.tasks);
  if (memory.side === 'warming' && ready >= tasks) memory.side = 'fargate';
  return tasks;
}

function why(memory: SwitchMemory, terms: PlacementTerms): PlacementReason {
  const fargateUsdPerHour = memory.tasks * terms.taskUsdPerSecond * 3600;
  const lambdaUsdPerHour = meanOf(memory.mean) * terms.lambdaUsdPerRequest * 3600;
  const where = {
    lambda: 'Lambda serves all',
    warming: 'Lambda serves all until the tasks are ready',
    fargate: 'tasks serve all',
  }[memory.side];
  return {
    text: `${where}: ${sayTasks(memory.tasks)} would cost $${fargateUsdPerHour.toFixed(4)} an hour, Lambda $${lambdaUsdPerHour.toFixed(4)}`,
    figures: { tasks: memory.tasks, fargateUsdPerHour, lambdaUsdPerHour },
  };
}
