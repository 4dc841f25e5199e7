// One ski-rental counter for each level of demand. Level k, from 0, is the demand between k and k + 1
// tasks. Off, it adds up what a task would have saved; on, what its task has lost; neither goes below
// zero. At a threshold it starts or stops.
//
// Invariants
//   L1. With the same thresholds at each level, on, off and the counts are monotone in the level: if
//       k + 1 is on, so is k. With swayed ones a higher level may be on in place of a lower one; as
//       many tasks as levels are on serve what those levels hold, or more.
//   L2. Levels below `first` are on and have lost nothing; levels from `end` are off and have saved
//       nothing. Only those between are looked at, and those the demand is in.

import type { SwayFactors } from './level-counter-means.ts';
import type { PlacementTerms } from './placement.ts';

export interface LevelsMemory {
  /** Levels that are on: the tasks it wants. */
  tasks: number;
  first: number;
  end: number;
  /** USD saved by a level that is off, lost by one that is on. */
  usd: Float64Array<ArrayBuffer>;
  on: Uint8Array<ArrayBuffer>;
  /** When a level started, in the seconds of `now`. */
  since: Float64Array<ArrayBuffer>;
}

/** Thresholds, USD, and how far they are swayed at each level. */
export interface Thresholds {
  startUsd: number;
  stopUsd: number;
  /** Stops a level that started less than `cancelSeconds` ago. */
  cancelUsd: number;
  cancelSeconds: number;
  /** Divides the start and multiplies the stop, by level. */
  readonly factors: SwayFactors | undefined;
}

/** A tick, as all counters see it. */
export interface LevelsSeen {
  now: number;
  /** No level beyond. */
  most: number;
  /** Tasks that the demand would fill, their whole part, and how many it would use. */
  filled: number;
  full: number;
  used: number;
  /** What a task would have saved in this tick at a full level and at a partly full one; its price. */
  gainUsd: number;
  partUsd: number;
  priceUsd: number;
}

/** Writes into `seen` what a tick of so many requests a second is to the levels. */
export function seeLevels(
  seen: LevelsSeen,
  rate: number,
  span: number,
  terms: PlacementTerms,
): void {
  const filled = rate / terms.taskRate;
  seen.filled = filled;
  seen.full = Math.min(Math.floor(filled), seen.most);
  seen.used = Math.min(Math.ceil(filled), seen.most);
  seen.priceUsd = terms.taskUsdPerSecond * span;
  const fullUsd = terms.lambdaUsdPerRequest * terms.taskRate * span;
  seen.gainUsd = fullUsd - seen.priceUsd;
  seen.partUsd = fullUsd * (filled - seen.full) - seen.priceUsd;
}

export function startLevels(): LevelsMemory {
  return {
    tasks: 0,
    first: 0,
    end: 0,
    usd: new Float64Array(16),
    on: new Uint8Array(16),
    since: new Float64Array(16),
  };
}

/** Lets a tick pass; `levels.tasks` is what it wants then. */
export function stepLevels(levels: LevelsMemory, seen: LevelsSeen, thresholds: Thresholds): void {
  const { most, used, full, gainUsd, partUsd, priceUsd, now } = seen;
  if (levels.end > most) leaveAbove(levels, most);
  const end = used > levels.end ? used : levels.end;
  // A full level that does not pay is not on for sure.
  let first = gainUsd > 0 ? levels.first : 0;
  if (full < first) first = full;
  if (first >= end) return;
  if (end > levels.usd.length) grow(levels, end);
  const { usd, on } = levels;
  const { startUsd, stopUsd, cancelUsd, cancelSeconds, factors } = thresholds;
  for (let level = first; level < end; level += 1) {
    const saved = level < full ? gainUsd : level > full ? -priceUsd : partUsd;
    const before = usd[level] as number;
    if (on[level] === 1) {
      const lost = before - saved;
      usd[level] = lost > 0 ? lost : 0;
      if (saved >= 0) continue;
      const free = lost >= cancelUsd && now - (levels.since[level] as number) < cancelSeconds;
      if (!free && lost < stopUsd * factorOf(factors, level)) continue;
      on[level] = 0;
      usd[level] = 0;
      levels.tasks -= 1;
    } else {
      const sum = before + saved;
      usd[level] = sum > 0 ? sum : 0;
      if (saved <= 0 || sum < startUsd / factorOf(factors, level)) continue;
      on[level] = 1;
      usd[level] = 0;
      levels.since[level] = now;
      levels.tasks += 1;
    }
  }
  narrow(levels, first, end);
}

function factorOf(factors: SwayFactors | undefined, level: number): number {
  if (factors === undefined) return 1;
  return level < factors.levels.length ? (factors.levels[level] as number) : factors.beyond;
}

/** Invariant L2. */
function narrow(levels: LevelsMemory, first: number, end: number): void {
  const { usd, on } = levels;
  let sure = first;
  while (sure < end && on[sure] === 1 && usd[sure] === 0) sure += 1;
  let last = end;
  while (last > sure && on[last - 1] === 0 && usd[last - 1] === 0) last -= 1;
  levels.first = sure;
  levels.end = last;
}

/** There may be no more levels than before: those above are off. */
function leaveAbove(levels: LevelsMemory, most: number): void {
  for (let level = most; level < levels.end; level += 1) {
    levels.tasks -= levels.on[level] as number;
    levels.on[level] = 0;
    levels.usd[level] = 0;
  }
  levels.first = Math.min(levels.first, most);
  levels.end = most;
}

function grow(levels: LevelsMemory, needed: number): void {
  const size = 2 ** Math.ceil(Math.log2(needed));
  const wider = <array extends Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(
    into: array,
    from: array,
  ): array => {
    into.set(from);
    return into;
  };
  levels.usd = wider(new Float64Array(size), levels.usd);
  levels.since = wider(new Float64Array(size), levels.since);
  levels.on = wider(new Uint8Array(size), levels.on);
}
