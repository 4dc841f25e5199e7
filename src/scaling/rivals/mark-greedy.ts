// MArk: every minute a plan for what the busiest five seconds of it forecast, and a fifth more;
// launched with a pause of five minutes after each launch, and ended only what none of the last six
// plans needs. Lambda covers what the forecast misses.
//
// What differs: MArk chooses greedily among sizes of machines by price over the time they are needed
// and price of a launch (180 s). With one size the choice is always that size, what runs before what
// does not, so the plan is as many tasks as the forecast needs. The paper forecasts with a trained
// network; its published code has it switched off and holds the most it ever saw, which never ends a
// machine. Here the last minute stands for the next ones.

import type { PlacementPolicy, PlacementSeen, PlacementTerms } from '../placement.ts';
import { SAME_SECONDS } from '../sliding-window.ts';
import { type Period, periodsEnded } from './period.ts';
import { sayTasks, tasksFor, tasksWithin } from './tasks-within.ts';

// modules/constants.py and modules/scheduler.py of marcoszh/MArk-Project.
/** `PREDICTOR_WINDOW`. */
const SAMPLE_SECONDS = 5;
/** The second of `PREDICTOR_PARAM`. */
export const PLAN_SECONDS = 60;
/** `Times`. */
const HEADROOM = 1.2;
/** Plans without a launch after one: `cool_down`. */
const COOL_DOWN_PLANS = 5;
/** Plans that must agree that a task is not needed. */
const PLANS_TO_END = 6;

export interface MarkMemory {
  /** Of this sample. */
  requests: number;
  seconds: number;
  /** The busiest sample of this minute, requests a second. */
  busiest: number;
  readonly minute: Period;
  forecast: number;
  /** Of the last six minutes, in a ring. */
  readonly plans: Float64Array;
  planned: number;
  coolDown: number;
  desired: number;
}

export const markGreedy: PlacementPolicy<MarkMemory> = {
  name: 'mark-greedy',
  says: 'MArk: tasks for the busiest 5 s of the last minute and a fifth more, Lambda for the rest',
  source:
    'Zhang et al., MArk, ATC 2019, https://www.usenix.org/conference/atc19/presentation/zhang-chengliang, https://github.com/marcoszh/MArk-Project',
  overflow: true,
  needsForesight: false,
  start: (_now, { minTasks }) => ({
    requests: 0,
    seconds: 0,
    busiest: 0,
    minute: { passed: 0 },
    forecast: 0,
    plans: new Float64Array(PLANS_TO_END),
    planned: 0,
    coolDown: 0,
    desired: minTasks,
  }),
  decide(memory, seen, terms) {
    sample(memory, seen);
    if (periodsEnded(memory.minute, PLAN_SECONDS, seen.span) > 0) plan(memory, terms);
    return tasksWithin(terms, memory.desired);
  },
  why: (memory, { taskRate }) => ({
    text: `${sayTasks(memory.desired)}: ${memory.forecast.toFixed(1)} requests/s are forecast${memory.coolDown > 0 ? `, no launch for ${memory.coolDown} more plans` : ''}`,
    figures: { tasks: memory.desired, forecast: memory.forecast, taskRate },
  }),
};

function sample(memory: MarkMemory, { requests, span }: PlacementSeen): void {
  memory.requests += requests;
  memory.seconds += span;
  if (memory.seconds < SAMPLE_SECONDS - SAME_SECONDS) return;
  memory.busiest = Math.max(memory.busiest, memory.requests / memory.seconds);
  memory.requests = 0;
  memory.seconds = 0;
}

function plan(memory: MarkMemory, terms: PlacementTerms): void {
  memory.forecast = memory.busiest * HEADROOM;
  memory.busiest = 0;
  const needed = tasksWithin(terms, tasksFor(memory.forecast, terms.taskRate));
  memory.plans[memory.planned % PLANS_TO_END] = needed;
  memory.planned += 1;
  if (memory.coolDown > 0) memory.coolDown -= 1;
  if (needed > memory.desired) {
    if (memory.coolDown > 0) return;
    memory.desired = needed;
    memory.coolDown = COOL_DOWN_PLANS;
  } else {
    memory.desired = Math.min(memory.desired, Math.max(...memory.plans));
  }
}
