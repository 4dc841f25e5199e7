// Demand cut into levels: level k is what the k-th task would serve when those below it are full,
//
//   x_k = min(max(A − (k − 1)·μ, 0), μ)   with A requests a second,
//
// so that what n tasks cannot carry, max(A − n·μ, 0), is the sum of the levels above n. Without a
// minimum run each level is then a question of its own: a task, or Lambda.
//
// All money here is counted in requests on Lambda (divided by g), and time in steps.

import type { PlacementTerms } from '../../scaling/placement.ts';
import type { DemandChunk } from '../demand.ts';

/** Prices and capacity for one step. */
export interface LevelTerms {
  /** Requests that a task carries in a step: μ × seconds. */
  readonly capacity: number;
  /** A task for a step: p × seconds ÷ g. */
  readonly taskPrice: number;
  /** A start and the drain that ends it: p × (billed start + drain) ÷ g. */
  readonly startPrice: number;
  /** Tasks that are always there. */
  readonly least: number;
  /** Tasks that may come in addition. */
  readonly room: number;
  /** A full task costs less than the same work on Lambda: α < 1. */
  readonly pays: boolean;
  readonly usdPerRequest: number;
  readonly usdPerTaskStep: number;
}

export function levelTerms(terms: PlacementTerms, stepSeconds: number): LevelTerms {
  const { taskUsdPerSecond, lambdaUsdPerRequest, taskRate, minTasks, maxTasks } = terms;
  const capacity = taskRate * stepSeconds;
  const usdPerTaskStep = taskUsdPerSecond * stepSeconds;
  return {
    capacity,
    taskPrice: usdPerTaskStep / lambdaUsdPerRequest,
    startPrice: startUsd(terms) / lambdaUsdPerRequest,
    least: minTasks,
    room: Math.max(0, maxTasks - minTasks),
    pays: usdPerTaskStep < lambdaUsdPerRequest * capacity,
    usdPerRequest: lambdaUsdPerRequest,
    usdPerTaskStep,
  };
}

/** What each run of a task costs besides the time in which it takes requests, USD. β. */
export function startUsd(terms: PlacementTerms): number {
  return terms.taskUsdPerSecond * (terms.billedStartSeconds + terms.drainSeconds);
}

/** A run that takes requests for less than this is billed as if it took them so long, seconds. L'. */
export function minimumRunSeconds(terms: PlacementTerms): number {
  const { minimumSeconds, billedStartSeconds, drainSeconds } = terms;
  return Math.max(0, minimumSeconds - billedStartSeconds - drainSeconds);
}

/** A figure of a trace that is read once, chunk by chunk; at any time it is that of what was read. */
export interface DemandSum<figure> {
  take(chunk: DemandChunk): void;
  result(): figure;
}

/** Levels are kept in arrays; beyond this many tasks (half a gigabyte) nothing is computed. */
const MOST_LEVELS = 2 ** 26;

/** A larger copy, with room for `length` and for what may come. */
export function grown(values: Float64Array, length: number): Float64Array<ArrayBuffer> {
  if (length > MOST_LEVELS) {
    throw new RangeError(
      `the demand asks for ${length} tasks at a time; the optimum is computed for ${MOST_LEVELS} at most`,
    );
  }
  const larger = new Float64Array(Math.max(length, 2 * values.length));
  larger.set(values);
  return larger;
}
