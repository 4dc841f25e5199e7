// The autoscaler of Knative (KPA), with Lambda for what the tasks cannot carry. Every two seconds:
// mean requests in flight over a minute, divided by the target of a task. Should the last six seconds
// need twice what is ready, it panics: for a minute it takes the higher of both means and removes
// nothing. At zero it waits for a grace before the last task goes.
//
// What differs: a task that carries its full rate has μ × seconds requests in flight (Little), 70 percent
// of what it can hold. Lambda stands where the activator holds requests, so there is no
// target burst capacity. Knative begins in panic when it is restarted with pods; this one is not
// restarted. A start that fails is not given up after a deadline.

import type {
  PlacementPolicy,
  PlacementReason,
  PlacementSeen,
  PlacementTerms,
} from '../placement.ts';
import { addToMean, meanOf, type SlidingMean, slidingMean } from '../sliding-mean.ts';
import { type Period, periodsEnded } from './period.ts';
import { sayTasks, tasksFor, tasksWithin } from './tasks-within.ts';
import { USE_AT_RATE } from './use-at-rate.ts';

// config/core/configmaps/autoscaler.yaml of knative/serving; seconds.
const STABLE_SECONDS = 60;
/** `panic-window-percentage` 10. */
const PANIC_SECONDS = 6;
/** `panic-threshold-percentage` 200. */
const PANIC_THRESHOLD = 2;
/** `tick-interval`. */
const TICK_SECONDS = 2;
/** `container-concurrency-target-percentage`. */
const TARGET_SHARE = 0.7;
const MAX_SCALE_UP_RATE = 1000;
const MAX_SCALE_DOWN_RATE = 2;
/** `scale-to-zero-grace-period`. */
const GRACE_SECONDS = 30;

export interface KnativeMemory {
  readonly stable: SlidingMean;
  readonly panic: SlidingMean;
  readonly tick: Period;
  /** Seconds since it last was over the panic threshold; -1: it does not panic. */
  calm: number;
  /** The most tasks of this panic. */
  panicTasks: number;
  /** Seconds since no task is wanted any more; -1: some are. */
  idle: number;
  desired: number;
}

export const knativeKpa: PlacementPolicy<KnativeMemory> = {
  name: 'knative-kpa',
  says: `Knative: ${TARGET_SHARE * 100} % of what a task holds over a minute, panic at twice what is ready, and Lambda for the rest`,
  source: 'Knative Serving, https://github.com/knative/serving/tree/main/pkg/autoscaler',
  overflow: true,
  needsForesight: false,
  start: (_now, { minTasks }) => ({
    stable: slidingMean(STABLE_SECONDS),
    panic: slidingMean(PANIC_SECONDS),
    tick: { passed: 0 },
    calm: -1,
    panicTasks: 0,
    idle: -1,
    desired: minTasks,
  }),
  decide(memory, seen, terms) {
    addToMean(memory.stable, seen.concurrency, seen.span);
    addToMean(memory.panic, seen.concurrency, seen.span);
    if (memory.calm >= 0) memory.calm += seen.span;
    if (memory.idle >= 0) memory.idle += seen.span;
    if (periodsEnded(memory.tick, TICK_SECONDS, seen.span) > 0) scale(memory, seen, terms);
    return tasksWithin(terms, memory.desired);
  },
  why,
};

function scale(memory: KnativeMemory, seen: PlacementSeen, terms: PlacementTerms): void {
  const target = targetOf(terms);
  const ready = Math.max(1, seen.ready);
  const most = Math.ceil(MAX_SCALE_UP_RATE * ready);
  const least = Math.floor(ready / MAX_SCALE_DOWN_RATE);
  const wantedPanic = tasksFor(meanOf(memory.panic), target);
  const stable = Math.min(Math.max(tasksFor(meanOf(memory.stable), target), least), most);
  if (wantedPanic / ready >= PANIC_THRESHOLD) memory.calm = 0;
  else if (memory.calm > STABLE_SECONDS) {
    memory.calm = -1;
    memory.panicTasks = 0;
  }
  let wanted = stable;
  if (memory.calm >= 0) {
    const panic = Math.min(Math.max(wantedPanic, least), most);
    memory.panicTasks = Math.max(memory.panicTasks, stable, panic);
    wanted = memory.panicTasks;
  }
  if (wanted > 0) memory.idle = -1;
  else if (memory.idle < 0) memory.idle = 0;
  if (wanted > 0 || memory.idle >= GRACE_SECONDS) memory.desired = wanted;
}

/** Requests in flight that a task should have. */
function targetOf({ taskRate, taskSeconds }: PlacementTerms): number {
  return (TARGET_SHARE / USE_AT_RATE) * taskRate * taskSeconds;
}

function why(memory: KnativeMemory, terms: PlacementTerms): PlacementReason {
  const stable = meanOf(memory.stable);
  const panic = meanOf(memory.panic);
  const target = targetOf(terms);
  const mode = memory.calm >= 0 ? 'in panic, ' : memory.idle >= 0 ? 'idle, ' : '';
  return {
    text: `${sayTasks(memory.desired)}: ${mode}${stable.toFixed(2)} in flight over ${STABLE_SECONDS} s, ${panic.toFixed(2)} over ${PANIC_SECONDS} s, ${target.toFixed(2)} a task`,
    figures: { tasks: memory.desired, stable, panic, target },
  };
}
