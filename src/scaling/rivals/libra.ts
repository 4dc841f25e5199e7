// LIBRA: machines for a share of the demand that is nearly always there, Lambda for the rest. The
// share is a moving mean plus one moving deviation, planned anew every five minutes; four fifths of
// it go to the machines in each second. A plan with more machines holds once they have started, one
// without more at once.
//
// What differs: a start takes as long as a task does, not 100 s. The cluster of the paper has 10 to
// 292 machines; here there is at least one task. Its code makes the moving figures second by second;
// for a tick of more seconds they are what they would be with the same demand in each of them.

import type {
  PlacementPolicy,
  PlacementReason,
  PlacementSeen,
  PlacementTerms,
} from '../placement.ts';
import { SAME_SECONDS } from '../sliding-window.ts';
import { sayTasks, tasksFor, tasksWithin } from './tasks-within.ts';

// configuration.py and manager.py of aliraza0337/LIBRA.
/** Weight of the latest second in both moving figures: `alpha`, `mu`. */
export const WEIGHT = 0.2;
/** Deviations above the mean. */
export const DEVIATIONS = 1;
/** Seconds between plans: `no_vm_update_freq`. */
export const PLAN_SECONDS = 300;
/** Part of the share that machines are offered: `vm_provison_prop`. */
const OFFERED_SHARE = 0.8;
/** Of the paper: 10. */
export const LEAST_TASKS = 1;

const KEPT = 1 - WEIGHT;

export interface LibraMemory {
  /** Requests a second; -1 before anything was seen. */
  mean: number;
  deviation: number;
  /** Seconds until the next plan; it makes the first one at once. */
  untilPlan: number;
  /** Of the last plan, requests a second. */
  share: number;
  tasks: number;
  /** Of the plan that holds. */
  heldTasks: number;
  /** Requests a second that the machines are offered. */
  offered: number;
  /** The last plan does not hold yet, and for how many seconds. */
  waiting: boolean;
  untilHeld: number;
}

export const libra: PlacementPolicy<LibraMemory> = {
  name: 'libra',
  says: 'LIBRA: tasks for the mean and a deviation of demand every five minutes, Lambda for the rest',
  source:
    'Raza et al., LIBRA, IC2E 2021, https://arxiv.org/abs/2104.05491, https://github.com/aliraza0337/LIBRA',
  overflow: true,
  needsForesight: false,
  start: () => ({
    mean: -1,
    deviation: 0,
    untilPlan: 0,
    share: 0,
    tasks: 0,
    heldTasks: 0,
    offered: 0,
    waiting: false,
    untilHeld: 0,
  }),
  decide(memory, seen, terms) {
    learn(memory, seen);
    memory.untilPlan -= seen.span;
    memory.untilHeld -= seen.span;
    if (memory.untilPlan < SAME_SECONDS) plan(memory, terms);
    if (memory.waiting && memory.untilHeld < SAME_SECONDS) hold(memory);
    return withLeast(memory.tasks, terms);
  },
  offered: ({ offered }) => offered,
  why,
};

function learn(memory: LibraMemory, { requests, span }: PlacementSeen): void {
  const rate = requests / span;
  if (memory.mean < 0) {
    memory.mean = rate;
    return;
  }
  const gap = Math.abs(memory.mean - rate);
  if (span === 1) {
    memory.deviation = KEPT * memory.deviation + WEIGHT * gap;
    memory.mean = KEPT * memory.mean + WEIGHT * rate;
    return;
  }
  // The gap shrinks by KEPT with each second, and each second adds its part of it.
  const kept = KEPT ** span;
  memory.deviation = kept * memory.deviation + ((span * WEIGHT * kept) / KEPT) * gap;
  memory.mean = kept * memory.mean + (1 - kept) * rate;
}

function plan(memory: LibraMemory, terms: PlacementTerms): void {
  memory.untilPlan = PLAN_SECONDS;
  memory.share = Math.floor(memory.mean + DEVIATIONS * memory.deviation);
  memory.tasks = tasksFor(memory.share, terms.taskRate);
  if (memory.tasks <= memory.heldTasks) {
    hold(memory);
  } else if (!memory.waiting) {
    memory.waiting = true;
    memory.untilHeld = terms.startSeconds;
  }
}

function hold(memory: LibraMemory): void {
  memory.waiting = false;
  memory.heldTasks = memory.tasks;
  memory.offered = Math.floor(OFFERED_SHARE * memory.share);
}

function withLeast(tasks: number, { minTasks, maxTasks }: PlacementTerms): number {
  return tasksWithin({ minTasks: Math.max(LEAST_TASKS, minTasks), maxTasks }, tasks);
}

function why(memory: LibraMemory, terms: PlacementTerms): PlacementReason {
  const { mean, deviation, share, offered } = memory;
  const tasks = withLeast(memory.tasks, terms);
  return {
    text: `${sayTasks(tasks)} for ${share} requests/s, the mean and a deviation of the last plan; ${offered} are offered to them`,
    figures: { tasks, share, offered, mean, deviation },
  };
}
