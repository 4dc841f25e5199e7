// The long part of a simulation, told as it goes: what the traffic is, what the optimum costs, and
// each policy in turn. The same order gives the same messages, and nothing else is looked at.

import { Fault } from '../base/fault.ts';
import { costOverLoad } from '../sim/cost-over-load.ts';
import type { Demand } from '../sim/demand.ts';
import { surveyOf } from '../sim/demand-changes.ts';
import { type Optimum, optimumSum } from '../sim/optimum/optimum.ts';
import { termsOf } from '../sim/profile.ts';
import type { PolicyResult, SimProgress } from '../sim/result.ts';
import { simulatePolicy } from '../sim/run.ts';
import { cursorOf } from '../traffic/stored-arrivals.ts';
import { policyNamed } from './placement-choice.ts';
import {
  demandOf,
  type SimulateMessage,
  type SimulateOrder,
  type Stage,
} from './simulate-order.ts';

export type Tell = (message: SimulateMessage) => void;

/** It ends soon after `isStopped` is true, with what there is. Throws SYNTHETIC_BAD and the like. */
export function simulateWork(order: SimulateOrder, tell: Tell, isStopped: () => boolean): void {
  const demand = demandOf(order.demand);
  const watch: Watching = { tell, isStopped };
  try {
    survey(watched(demand, 'traffic', watch), demand, tell);
    const optimum = optimumOf(demand, order, watch);
    const { peakRate, bestStatic } = optimum;
    const foresight = { peakRate, bestStatic: bestStatic.tasks };
    const { profile, seed, fidelity, recorded } = order;
    const arrivals =
      recorded === undefined
        ? undefined
        : () => cursorOf(recorded.arrivals, demand.name, recorded.durationTimes);
    const common = { demand, profile, seed, fidelity, foresight, arrivals };
    for (const name of order.policies) {
      if (isStopped()) return;
      const progress = progressOf('policy', name, watch);
      const result = simulatePolicy({
        ...common,
        policy: policyNamed(name),
        progress: progress.tell,
      });
      tell({ kind: 'policy', result: lean(result, order), done: progress.reached() });
    }
    if (order.forPage && !isStopped()) curvesOf(order, demand, watch);
  } catch (error) {
    if (error !== STOPPED) throw error;
  }
}

function curvesOf(order: SimulateOrder, demand: Demand, watch: Watching): void {
  const { profile, seed } = order;
  const progress = progressOf('curves', '', watch);
  const policies = order.policies.map(policyNamed);
  const curves = costOverLoad({ demand, profile, policies, seed, progress: progress.tell });
  if (!curves.stopped) watch.tell({ kind: 'curves', curves });
}

interface Watching {
  readonly tell: Tell;
  readonly isStopped: () => boolean;
}

/** Thrown out of a pass over the demand, which has no other end. */
const STOPPED = Symbol('stopped');

/** Told when so much more is done. */
const TELL_EVERY = 0.005;

/** `reached` is 1 unless it was stopped. */
function progressOf(stage: Stage, name: string, { tell, isStopped }: Watching) {
  let told = 0;
  let stoppedAt: number | undefined;
  const progress: SimProgress = (done) => {
    if (done - told >= TELL_EVERY) {
      told = done;
      tell({ kind: 'progress', stage, name, done });
    }
    if (!isStopped()) return false;
    stoppedAt ??= done;
    return true;
  };
  tell({ kind: 'progress', stage, name, done: 0 });
  return { tell: progress, reached: () => stoppedAt ?? 1 };
}

/** The demand, whose reading is told; it throws STOPPED. */
function watched(demand: Demand, stage: Stage, watch: Watching): Demand {
  const progress = progressOf(stage, '', watch);
  return {
    ...demand,
    *chunks() {
      let read = 0;
      for (const chunk of demand.chunks()) {
        yield chunk;
        read += chunk.length;
        if (progress.tell(read / demand.steps)) throw STOPPED;
      }
    },
  };
}

function survey(watching: Demand, { name, stepSeconds, steps }: Demand, tell: Tell): void {
  const { requests, meanRate, peakRate, knownSteps, gaps, gapSteps } = surveyOf(watching);
  if (!(requests > 0)) throw new Fault('SIMULATE_NO_REQUESTS', { trace: name });
  const knownSeconds = knownSteps * stepSeconds;
  const gapSeconds = gapSteps * stepSeconds;
  tell({
    kind: 'trace',
    trace: {
      name,
      stepSeconds,
      steps,
      requests,
      meanRate,
      peakRate,
      knownSeconds,
      gaps,
      gapSeconds,
    },
  });
}

function optimumOf(demand: Demand, { profile }: SimulateOrder, watch: Watching): Optimum {
  const sum = optimumSum(termsOf(profile), demand.stepSeconds);
  for (const chunk of watched(demand, 'optimum', watch).chunks()) sum.take(chunk);
  const optimum = sum.result();
  const { lowerUsd, upperUsd } = optimum;
  watch.tell({ kind: 'optimum', optimum: { lowerUsd, upperUsd } });
  return optimum;
}

/** Points over time are only for the page. */
function lean(result: PolicyResult, { forPage }: SimulateOrder): PolicyResult {
  return forPage ? result : { ...result, series: [] };
}
