// What each level has saved on the average, as the share that savings are of all that moved: 1 for a
// level that was always full, -1 for one that was never used. Kept in two memories.
//
// A tick touches one level, the one that is partly full: those below were full and those above empty,
// so that they are counted once in a block. Shares are monotone in the level, as savings are.

import { MEAN_SECONDS, MOST_LEVELS } from './level-counter-rules.ts';
import type { PlacementTerms } from './placement.ts';

export interface LevelMean {
  /** USD that a task would have saved and lost at a level, old ones less. */
  saved: Float64Array<ArrayBuffer>;
  lost: Float64Array<ArrayBuffer>;
  /** `lost` of every level that was never used. */
  idle: number;
}

export interface LevelMeans {
  /** Seconds in this block in which so many levels were full; USD of the level that was partly full. */
  fullSeconds: Float64Array<ArrayBuffer>;
  partSaved: Float64Array<ArrayBuffer>;
  partLost: Float64Array<ArrayBuffer>;
  /** Levels that were ever used. */
  levels: number;
  hour: LevelMean;
  day: LevelMean;
}

const startMean = (): LevelMean => ({
  saved: new Float64Array(16),
  lost: new Float64Array(16),
  idle: 0,
});

export function startMeans(): LevelMeans {
  return {
    fullSeconds: new Float64Array(16),
    partSaved: new Float64Array(16),
    partLost: new Float64Array(16),
    levels: 0,
    hour: startMean(),
    day: startMean(),
  };
}

/** A tick of so many requests a second; levels from `most` are left out. */
export function addToMeans(
  means: LevelMeans,
  seen: { readonly rate: number; readonly span: number; readonly most: number },
  terms: PlacementTerms,
): void {
  const filled = Math.min(seen.rate / terms.taskRate, seen.most);
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
  const hour = Math.exp(-seconds / MEAN_SECONDS.hour);
  const day = Math.exp(-seconds / MEAN_SECONDS.day);
  means.hour.idle = means.hour.idle * hour + taskUsd * seconds;
  means.day.idle = means.day.idle * day + taskUsd * seconds;
  const { fullSeconds, partSaved, partLost } = means;
  // Seconds in which this level was full: the counts of all above it.
  let wasFull = 0;
  for (let level = means.levels; level >= 0; level -= 1) {
    const wasPart = fullSeconds[level] as number;
    const gain = wasFull * Math.max(0, fullUsd) + (partSaved[level] as number);
    const empty = seconds - wasFull - wasPart;
    const loss = empty * taskUsd + wasFull * Math.max(0, -fullUsd) + (partLost[level] as number);
    if (level < means.levels) {
      keep(means.hour, level, hour, { gain, loss });
      keep(means.day, level, day, { gain, loss });
    }
    wasFull += wasPart;
    fullSeconds[level] = 0;
    partSaved[level] = 0;
    partLost[level] = 0;
  }
}

/** Factors of thresholds by level, and the one of every level beyond them. */
export interface SwayFactors {
  levels: Float64Array<ArrayBuffer>;
  beyond: number;
}

/** e to the power of `sway` times the share of each level; a level that was never used has -1. */
export function swayFactors(
  factors: SwayFactors,
  { saved, lost }: LevelMean,
  levels: number,
  sway: number,
): void {
  if (factors.levels.length < levels) factors.levels = new Float64Array(saved.length);
  factors.beyond = Math.exp(-sway);
  for (let level = 0; level < levels; level += 1) {
    const plus = saved[level] as number;
    const moved = plus + (lost[level] as number);
    factors.levels[level] = moved > 0 ? Math.exp((sway * (2 * plus - moved)) / moved) : 1;
  }
  factors.levels.fill(factors.beyond, levels);
}

/** The same for a forecast of demand, requests a second, as if it had always been so. */
export function forecastFactors(
  factors: SwayFactors,
  rate: number,
  terms: PlacementTerms,
  sway: number,
): void {
  const { taskRate, lambdaUsdPerRequest, taskUsdPerSecond } = terms;
  const known = rate >= 0;
  const filled = known ? Math.min(rate / taskRate, MOST_LEVELS) : 0;
  const levels = Math.ceil(filled);
  if (factors.levels.length < levels) factors.levels = new Float64Array(2 * levels);
  factors.beyond = known ? Math.exp(-sway) : 1;
  const fullUsd = lambdaUsdPerRequest * taskRate;
  for (let level = 0; level < levels; level += 1) {
    const saved = fullUsd * Math.min(1, filled - level) - taskUsdPerSecond;
    const most = saved > 0 ? fullUsd - taskUsdPerSecond : taskUsdPerSecond;
    factors.levels[level] = Math.exp((sway * saved) / most);
  }
  factors.levels.fill(factors.beyond, levels);
}

function keep(
  { saved, lost }: LevelMean,
  level: number,
  share: number,
  { gain, loss }: { readonly gain: number; readonly loss: number },
): void {
  saved[level] = (saved[level] as number) * share + gain;
  lost[level] = (lost[level] as number) * share + loss;
}

/** A level that is used for the first time was idle until now. */
function useLevels(means: LevelMeans, used: number): void {
  if (used >= means.fullSeconds.length) growMeans(means, used);
  means.hour.lost.fill(means.hour.idle, means.levels, used);
  means.day.lost.fill(means.day.idle, means.levels, used);
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
  for (const mean of [means.hour, means.day]) {
    mean.saved = wider(mean.saved);
    mean.lost = wider(mean.lost);
  }
}
