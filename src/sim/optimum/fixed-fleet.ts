// The cheapest fleet that never changes, with Lambda for what it cannot carry; Lambda alone; and what
// a trace is as a whole.
//
// With Y_k the requests of level k in the whole trace, n tasks for T seconds cost
// n·(p·T + β) + g·(Y_{n+1} + Y_{n+2} + …). Y_k falls with k, so the best n are the levels that save more
// than a task costs: g·Y_k > p·T + β. Counting how often a step had exactly m full levels gives all Y_k.

import type { PlacementTerms } from '../../scaling/placement.ts';
import {
  type DemandSum,
  grown,
  type LevelTerms,
  levelTerms,
  minimumRunSeconds,
  startUsd,
} from './levels.ts';

export interface FixedFleet {
  readonly tasks: number;
  readonly usd: number;
}

export interface TraceSums {
  readonly requests: number;
  /** Time that is no gap. */
  readonly seconds: number;
  /** Requests a second of the busiest step. */
  readonly peakRate: number;
  /** Requests a second; NaN without any time. */
  readonly meanRate: number;
  /** The closed form g × requests, whatever `minTasks` says. */
  readonly lambdaOnlyUsd: number;
  readonly bestStatic: FixedFleet;
}

interface Counted {
  /** Steps with exactly so many full levels, and requests of the level above them. */
  full: Float64Array<ArrayBuffer>;
  rest: Float64Array<ArrayBuffer>;
  steps: number;
  requests: number;
  peak: number;
  /** Most levels with any demand. */
  most: number;
}

/** What of one pass does not depend on the order of the steps. */
export function traceSums(terms: PlacementTerms, stepSeconds: number): DemandSum<TraceSums> {
  const levels = levelTerms(terms, stepSeconds);
  const counted: Counted = {
    full: new Float64Array(64),
    rest: new Float64Array(64),
    steps: 0,
    requests: 0,
    peak: 0,
    most: 0,
  };
  return {
    take: ({ counts, length }) => countSteps(counted, levels, counts, length),
    result: () => {
      const seconds = counted.steps * stepSeconds;
      return {
        requests: counted.requests,
        seconds,
        peakRate: counted.peak / stepSeconds,
        meanRate: counted.requests / seconds,
        lambdaOnlyUsd: counted.requests * levels.usdPerRequest,
        bestStatic: fixedFleet(counted, levels, terms, seconds),
      };
    },
  };
}

function countSteps(
  counted: Counted,
  { capacity, least, room }: LevelTerms,
  counts: Float64Array,
  length: number,
): void {
  let { full: fulls, rest: rests, most, peak } = counted;
  let steps = 0;
  let requests = 0;
  for (let step = 0; step < length; step += 1) {
    const count = counts[step] as number;
    if (Number.isNaN(count)) continue;
    steps += 1;
    requests += count;
    if (count > peak) peak = count;
    const open = Math.max(0, count - least * capacity);
    const full = Math.min(room, Math.floor(open / capacity));
    if (full >= most) {
      most = full + 1;
      if (most > fulls.length) {
        fulls = grown(fulls, most);
        rests = grown(rests, most);
      }
    }
    fulls[full] = (fulls[full] as number) + 1;
    rests[full] = (rests[full] as number) + Math.max(0, open - full * capacity);
  }
  counted.full = fulls;
  counted.rest = rests;
  counted.most = most;
  counted.peak = peak;
  counted.steps += steps;
  counted.requests += requests;
}

function fixedFleet(
  { full, rest, most, steps }: Counted,
  levels: LevelTerms,
  terms: PlacementTerms,
  seconds: number,
): FixedFleet {
  const { capacity, least, room, usdPerRequest, usdPerTaskStep } = levels;
  const billed = Math.max(seconds, minimumRunSeconds(terms));
  const taskUsd = terms.taskUsdPerSecond * billed + startUsd(terms);
  // From the highest level down: what it would serve, and what Lambda serves above it.
  let fullSteps = 0;
  let overflow = 0;
  for (let level = most - 1; level >= 0; level -= 1) {
    const served = (level < room ? (rest[level] as number) : 0) + fullSteps * capacity;
    if (level >= room) overflow += rest[level] as number;
    if (served * usdPerRequest > taskUsd) {
      const usd = (level + 1) * taskUsd + overflow * usdPerRequest;
      return { tasks: least + level + 1, usd: usd + steps * least * usdPerTaskStep };
    }
    overflow += served;
    fullSteps += full[level] as number;
  }
  return { tasks: least, usd: overflow * usdPerRequest + steps * least * usdPerTaskStep };
}
