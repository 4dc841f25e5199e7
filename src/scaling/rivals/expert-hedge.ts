// Cackle's meta-strategy: many simple strategies, each a percentile of demand over a look-back times
// a multiplier, and one that uses Lambda alone. For each it is counted what it would have cost, and
// the cheapest is followed. Another is followed only when it leads by more than the start of its
// tasks, or of those that run, would cost: by β·n.
//
// The shadow of a strategy pays for its tasks, for what Lambda serves beyond them, and for each start:
// β, and what Lambda serves while the new tasks start. It is charged for a second with the tasks it
// wanted before that second.
//
// What differs: only heads of pages of the paper could be read, so the strategies and their figures
// are ours. Cackle draws the strategy by multiplicative weights; the design follows the leader.

import type {
  PlacementPolicy,
  PlacementReason,
  PlacementSeen,
  PlacementTerms,
} from '../placement.ts';
import {
  addToPercentiles,
  percentileOf,
  type SlidingPercentiles,
  slidingPercentiles,
} from '../sliding-percentiles.ts';
import { sayTasks, tasksWithin } from './tasks-within.ts';

/** Seconds. Ours: a minute to an hour. */
const LOOK_BACKS = [60, 300, 900, 3600] as const;
/** Ours: a task pays when it is used for a part α of the time, of the percentile 1 − α. */
const PERCENTILES = [0.25, 0.5, 0.75, 0.9] as const;
/** Ours. */
const MULTIPLIERS = [0.75, 1, 1.25] as const;

/** The strategy without tasks is the first one. */
const EXPERTS = 1 + LOOK_BACKS.length * PERCENTILES.length * MULTIPLIERS.length;

export interface HedgeMemory {
  readonly percentiles: SlidingPercentiles;
  /** By strategy: tasks it wants, and USD it would have cost. */
  readonly tasks: Float64Array;
  readonly usd: Float64Array;
  followed: number;
}

export const expertHedge: PlacementPolicy<HedgeMemory> = {
  name: 'expert-hedge',
  says: `Cackle: the cheapest so far of ${EXPERTS} simple strategies, Lambda for the rest`,
  source: 'Perron et al., Cackle, SIGMOD 2024, https://doi.org/10.1145/3626720',
  overflow: true,
  needsForesight: false,
  start: () => ({
    percentiles: slidingPercentiles(LOOK_BACKS, PERCENTILES),
    tasks: new Float64Array(EXPERTS),
    usd: new Float64Array(EXPERTS),
    followed: 0,
  }),
  decide(memory, seen, terms) {
    addToPercentiles(memory.percentiles, seen.requests / seen.span, seen.span);
    charge(memory, seen, terms);
    follow(memory, terms);
    return tasksWithin(terms, memory.tasks[memory.followed] ?? 0);
  },
  why,
};

/** Charges every strategy for what it wanted, and asks what it wants now. */
function charge(memory: HedgeMemory, seen: PlacementSeen, terms: PlacementTerms): void {
  const { percentiles, tasks, usd } = memory;
  const { taskUsdPerSecond, lambdaUsdPerRequest, taskRate, maxTasks } = terms;
  const rate = seen.requests / seen.span;
  usd[0] = (usd[0] ?? 0) + lambdaUsdPerRequest * seen.requests;
  let expert = 1;
  for (let lookBack = 0; lookBack < LOOK_BACKS.length; lookBack += 1) {
    for (let share = 0; share < PERCENTILES.length; share += 1) {
      const needed = percentileOf(percentiles, lookBack, share) / taskRate;
      for (let index = 0; index < MULTIPLIERS.length; index += 1) {
        const had = tasks[expert] ?? 0;
        const wanted = Math.min(maxTasks, Math.ceil(needed * (MULTIPLIERS[index] ?? 1) - 1e-9));
        const beyond = Math.max(0, rate - had * taskRate);
        const second = taskUsdPerSecond * had + lambdaUsdPerRequest * beyond;
        let paid = second * seen.span;
        if (wanted > had) paid += startUsd(wanted - had, beyond, terms);
        usd[expert] = (usd[expert] ?? 0) + paid;
        tasks[expert] = wanted;
        expert += 1;
      }
    }
  }
}

/** β for each task, and what Lambda serves more until they take requests. */
function startUsd(started: number, beyond: number, terms: PlacementTerms): number {
  const { taskUsdPerSecond, lambdaUsdPerRequest, taskRate, startSeconds } = terms;
  const served = Math.min(beyond, started * taskRate);
  const late = lambdaUsdPerRequest * served - taskUsdPerSecond * started;
  return started * switchUsd(terms) + Math.max(0, late) * startSeconds;
}

/** β: what a task is billed for before it takes requests, and after. */
function switchUsd({ taskUsdPerSecond, billedStartSeconds, drainSeconds }: PlacementTerms): number {
  return taskUsdPerSecond * (billedStartSeconds + drainSeconds);
}

function follow(memory: HedgeMemory, terms: PlacementTerms): void {
  const { tasks, usd, followed } = memory;
  const leader = leaderOf(usd);
  if (leader === followed) return;
  const lead = (usd[followed] ?? 0) - (usd[leader] ?? 0);
  const most = Math.max(1, tasks[followed] ?? 0, tasks[leader] ?? 0);
  if (lead > switchUsd(terms) * most) memory.followed = leader;
}

function leaderOf(usd: Float64Array): number {
  let leader = 0;
  let least = usd[0] ?? 0;
  for (let expert = 1; expert < usd.length; expert += 1) {
    const one = usd[expert] ?? 0;
    if (one < least) {
      least = one;
      leader = expert;
    }
  }
  return leader;
}

function why(memory: HedgeMemory, terms: PlacementTerms): PlacementReason {
  const { followed, usd } = memory;
  const tasks = tasksWithin(terms, memory.tasks[followed] ?? 0);
  return {
    text: `${sayTasks(tasks)} by ${nameOf(followed)}, $${(usd[followed] ?? 0).toFixed(4)} so far; Lambda alone would have cost $${(usd[0] ?? 0).toFixed(4)}`,
    figures: { tasks, expert: followed, usd: usd[followed] ?? 0, lambdaUsd: usd[0] ?? 0 },
  };
}

function nameOf(expert: number): string {
  if (expert === 0) return 'Lambda alone';
  const index = expert - 1;
  const share = Math.floor(index / MULTIPLIERS.length);
  const lookBack = LOOK_BACKS[Math.floor(share / PERCENTILES.length)] ?? 0;
  const percentile = (PERCENTILES[share % PERCENTILES.length] ?? 0) * 100;
  const multiplier = MULTIPLIERS[index % MULTIPLIERS.length] ?? 1;
  return `percentile ${percentile} over ${lookBack} s × ${multiplier}`;
}
