// Demand made larger or smaller, shorter or longer, and what can be said of it in one pass.

import { Fault } from '../base/fault.ts';
import { SECONDS_PER_DAY } from '../base/units.ts';
import type { Demand, DemandChunk } from './demand.ts';

/** Each count times `factor`; a generator draws its counts anew. */
export function rescaled(demand: Demand, factor: number): Demand {
  const { drawn } = demand;
  if (drawn !== undefined) return drawn.at(drawn.meanRate * factor);
  if (factor === 1) return demand;
  return { ...demand, chunks: () => multiplied(demand, factor) };
}

function* multiplied(demand: Demand, factor: number): Generator<DemandChunk> {
  let scaled = new Float64Array(0);
  for (const { counts, length } of demand.chunks()) {
    if (scaled.length < length) scaled = new Float64Array(length);
    for (let index = 0; index < length; index += 1) {
      scaled[index] = (counts[index] ?? Number.NaN) * factor;
    }
    yield { counts: scaled, length };
  }
}

/**
 * With so many requests a second in the mean of the steps that are known; of a generator in the mean of
 * whole cycles. Throws TRAFFIC_WITHOUT_REQUESTS.
 */
export function toMean(demand: Demand, requestsPerSecond: number): Demand {
  if (demand.drawn !== undefined) return demand.drawn.at(requestsPerSecond);
  const { meanRate } = surveyOf(demand);
  if (!(meanRate > 0)) throw new Fault('TRAFFIC_WITHOUT_REQUESTS', { name: demand.name });
  return rescaled(demand, requestsPerSecond / meanRate);
}

/**
 * The first `days` of it. What is shorter is repeated from its beginning until it is as long, and its
 * name says so.
 */
export function firstDays(demand: Demand, days: number): Demand {
  const { stepSeconds, name, drawn } = demand;
  const steps = Math.max(1, Math.round((days * SECONDS_PER_DAY) / stepSeconds));
  if (steps === demand.steps || demand.steps === 0) return demand;
  const length = `${days} ${days === 1 ? 'day' : 'days'}`;
  return {
    name: steps < demand.steps ? `${name}, the first ${length}` : `${name}, repeated to ${length}`,
    stepSeconds,
    steps,
    chunks: () => cut(demand, steps),
    ...(drawn !== undefined && {
      drawn: { meanRate: drawn.meanRate, at: (rate) => firstDays(drawn.at(rate), days) },
    }),
  };
}

function* cut(demand: Demand, steps: number): Generator<DemandChunk> {
  let left = steps;
  while (left > 0) {
    for (const { counts, length } of demand.chunks()) {
      yield { counts, length: Math.min(length, left) };
      left -= length;
      if (left <= 0) return;
    }
  }
}

/** 8 million: 97 days of seconds, 64 MiB. */
export const MAX_KEPT_STEPS = 2 ** 23;

/**
 * The same, with its counts in memory where they are not too many: for what goes through it once for
 * each of many policies, and would draw or read it each time.
 */
export function kept(demand: Demand): Demand {
  if (demand.steps > MAX_KEPT_STEPS) return demand;
  const all = new Float64Array(demand.steps);
  let length = 0;
  for (const chunk of demand.chunks()) {
    all.set(chunk.counts.subarray(0, chunk.length), length);
    length += chunk.length;
  }
  return { ...demand, chunks: () => (length === 0 ? [] : [{ counts: all, length }]) };
}

export interface DemandSurvey {
  readonly requests: number;
  /** Requests a second over the steps that are known; NaN when none is. */
  readonly meanRate: number;
  /** Requests a second of the busiest step; NaN when none is known. */
  readonly peakRate: number;
  readonly knownSteps: number;
  /** How many times steps are missing, and how many in all. */
  readonly gaps: number;
  readonly gapSteps: number;
}

/** Reads all of it once. */
export function surveyOf(demand: Demand): DemandSurvey {
  let requests = 0;
  let peak = Number.NaN;
  let knownSteps = 0;
  let gaps = 0;
  let gapSteps = 0;
  let inGap = false;
  for (const { counts, length } of demand.chunks()) {
    for (let index = 0; index < length; index += 1) {
      const count = counts[index] ?? Number.NaN;
      if (Number.isNaN(count)) {
        if (!inGap) gaps += 1;
        inGap = true;
        gapSteps += 1;
        continue;
      }
      inGap = false;
      knownSteps += 1;
      requests += count;
      if (!(count <= peak)) peak = count;
    }
  }
  const { stepSeconds } = demand;
  const meanRate = requests / (knownSteps * stepSeconds);
  return { requests, meanRate, peakRate: peak / stepSeconds, knownSteps, gaps, gapSteps };
}
