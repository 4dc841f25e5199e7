// What each level has saved and lost of late: the share that savings are of all that moved, from 1 for
// a level that was always full to -1 for one that lost all the time, and the sum of both.
//
// A tick touches one level, the one that is partly full: those below were full and those above empty,
// so that they are counted once in a block. Sums are monotone in the level, as savings are.

import { MEAN_SECONDS, MOST_LEVELS, SWAY } from './level-counter-rules.ts';
import type { PlacementTerms } from './placement.ts';

export interface LevelMeans {
  /** Seconds in this block in which so many levels were full; USD of the level that was partly full. */
  fullSeconds: Float64Array<ArrayBuffer>;
  partSaved: Float64Array<ArrayBuffer>;
  partLost: Float64Array<ArrayBuffer>;
  /** Levels that were ever used. */
  levels: number;
  /** USD that a task would have saved and lost at a level in the last hour, old ones less. */
  saved: Float64Array<ArrayBuffer>;
  lost: Float64Array<ArrayBuffer>;
  /** USD saved less those lost, in the last six hours, old ones less. */
  sum: Float64Array<ArrayBuffer>;
  /** `lost` and `sum` of every level that was never used. */
  idleLost: number;
  idleSum: number;
}

export function startMeans(): LevelMeans {
  const levels = (): Float64Array<ArrayBuffer> => new Float64Array(16);
  return {
    fullSeconds: levels(),
    partSaved: levels(),
    partLost: levels(),
    levels: 0,
    saved: levels(),
    lost: levels(),
    sum: levels(),
    idleLost: 0,
    idleSum: 0,
  };
}

/** A tick in which demand would fill so many tasks; levels from `most` are left out. */
export function addToMeans(
  means: LevelMeans,
  seen: { readonly filled: number; readonly span: number; readonly most: number },
  terms: PlacementTerms,
): void {
  const filled = Math.min(seen.filled, seen.most);
  const full = Math.floor(filled);
  if (full >= means.fullSeconds.length) growMeans(means, full + 1);
  const part = filled - full;
  const used = part > 0 ? full + 1 : full;
  if (used > means.levels) useLevels(means, used);
  const saved = terms.lambdaUsdPerRequest * terms.taskRate * part - terms.taskUsdPerSecond;
  means.fullSeconds[full] = (means.fullSeconds[full] as number) + seen.span;
  const into = saved > 0 ? means.partSaved : means.partLost;
  into[full] = (into[full] as number) + Math.abs(saved) * seen.span;
}

/** Ends a block of so many seconds. */
export function endMeansBlock(means: LevelMeans, seconds: number, terms: PlacementTerms): void {
  const taskUsd = terms.taskUsdPerSecond;
  const fullUsd = terms.lambdaUsdPerRequest * terms.taskRate - taskUsd;
  const share = Math.exp(-seconds / MEAN_SECONDS.share);
  const sumShare = Math.exp(-seconds / MEAN_SECONDS.sum);
  means.idleLost = means.idleLost * share + taskUsd * seconds;
  means.idleSum = means.idleSum * sumShare - taskUsd * seconds;
  const { fullSeconds, partSaved, partLost, saved, lost, sum } = means;
  // Seconds in which this level was full: the counts of all above it.
  let wasFull = 0;
  for (let level = means.levels; level >= 0; level -= 1) {
    const wasPart = fullSeconds[level] as number;
    const gain = wasFull * Math.max(0, fullUsd) + (partSaved[level] as number);
    const empty = seconds - wasFull - wasPart;
    const loss = empty * taskUsd + wasFull * Math.max(0, -fullUsd) + (partLost[level] as number);
    if (level < means.levels) {
      saved[level] = (saved[level] as number) * share + gain;
      lost[level] = (lost[level] as number) * share + loss;
      sum[level] = (sum[level] as number) * sumShare + gain - loss;
    }
    wasFull += wasPart;
    fullSeconds[level] = 0;
    partSaved[level] = 0;
    partLost[level] = 0;
  }
}

/** Levels whose sum has come to `startUsd`, less those whose sum fell to minus `stopUsd`. */
export function levelsBySum(
  { sum, levels }: LevelMeans,
  before: number,
  startUsd: number,
  stopUsd: number,
): number {
  let tasks = before;
  const pays = (usd: number): boolean => usd >= startUsd && usd > 0;
  while (tasks < levels && pays(sum[tasks] as number)) tasks += 1;
  while (tasks > 0 && (sum[tasks - 1] as number) <= -stopUsd) tasks -= 1;
  return tasks;
}

/** Factors of thresholds by level, and the one of every level beyond them. */
export interface SwayFactors {
  levels: Float64Array<ArrayBuffer>;
  beyond: number;
}

/**
 * e to the power of SWAY times the share of each level. A share below zero counts as far as there is
 * evidence, which is what the level saved: one that was never used has not shown that it does not pay.
 */
export function swayFactors(
  factors: SwayFactors,
  { saved, lost, levels }: LevelMeans,
  evidenceUsd: number,
): void {
  if (factors.levels.length < levels) factors.levels = new Float64Array(saved.length);
  factors.beyond = 1;
  for (let level = 0; level < levels; level += 1) {
    const plus = saved[level] as number;
    const moved = plus + (lost[level] as number);
    const share = moved > 0 ? (2 * plus - moved) / moved : 0;
    const counts = share < 0 ? plus / (plus + evidenceUsd) : 1;
    factors.levels[level] = Math.exp(SWAY * share * counts);
  }
  factors.levels.fill(factors.beyond, levels);
}

/** Factors of a forecast of demand, requests a second, as if it had always been so. */
export function forecastFactors(factors: SwayFactors, rate: number, terms: PlacementTerms): void {
  const { taskRate, lambdaUsdPerRequest, taskUsdPerSecond } = terms;
  const known = rate >= 0;
  const filled = known ? Math.min(rate / taskRate, MOST_LEVELS) : 0;
  const levels = Math.ceil(filled);
  if (factors.levels.length < levels) factors.levels = new Float64Array(2 * levels);
  factors.beyond = known ? Math.exp(-SWAY) : 1;
  const fullUsd = lambdaUsdPerRequest * taskRate;
  for (let level = 0; level < levels; level += 1) {
    const saved = fullUsd * Math.min(1, filled - level) - taskUsdPerSecond;
    const most = saved > 0 ? fullUsd - taskUsdPerSecond : taskUsdPerSecond;
    factors.levels[level] = Math.exp((SWAY * saved) / most);
  }
  factors.levels.fill(factors.beyond, levels);
}

/** A level that is used for the first time was idle until now. */
function useLevels(means: LevelMeans, used: number): void {
  if (used >= means.fullSeconds.length) growMeans(means, used);
  means.lost.fill(means.idleLost, means.levels, used);
  means.sum.fill(means.idleSum, means.levels, used);
  means.levels = used;
}

function growMeans(means: LevelMeans, needed: number): void {
  const size = 2 ** Math.ceil(Math.log2(needed + 1));
  const wider = (from: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
    const into = new Float64Array(size);
    into.set(from);
    return into;
  };
  means.fullSeconds = wider(means.fullSeconds);
  means.partSaved = wider(means.partSaved);
  means.partLost = wider(means.partLost);
  means.saved = wider(means.saved);
  means.lost = wider(means.lost);
  means.sum = wider(means.sum);
}
