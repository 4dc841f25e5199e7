// One ski-rental counter for each level of demand. Level k, from 0, is the demand between k and k + 1
// tasks. Off, it adds up what a task would have saved; on, what its task has lost; neither goes below
// zero. At a threshold it starts or stops.
//
// Invariants
//   L1. On, off and the counts are monotone in the level: if k + 1 is on, so is k.
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

/** Thresholds of one tick, USD, and how far they are swayed at each level. */
export interface Thresholds {
  startUsd: number;
  stopUsd: number;
  /** Stops a level that started less than `cancelSeconds` ago. */
  cancelUsd: number;
  cancelSeconds: number;
  /** Divides the start and multiplies the stop, by level. */
  factors: SwayFactors | undefined;
}

export interface LevelsSeen {
  /** Requests a second. */
  rate: number;
  span: number;
  now: number;
  /** No level beyond. */
  most: number;
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
export function stepLevels(
  levels: LevelsMemory,
  seen: LevelsSeen,
  terms: PlacementTerms,
  thresholds: Thresholds,
): void {
  const { span, now, most } = seen;
  const priceUsd = terms.taskUsdPerSecond * span;
  const fullUsd = terms.lambdaUsdPerRequest * terms.taskRate * span;
  const filled = seen.rate / terms.taskRate;
  if (levels.end > most) leaveAbove(levels, most);
  const end = Math.min(Math.max(levels.end, Math.ceil(filled)), most);
  // A full level that does not pay is not on for sure.
  const first = fullUsd > priceUsd ? Math.min(levels.first, Math.floor(filled)) : 0;
  if (end > levels.usd.length) grow(levels, end);
  if (first >= end) return;
  const { usd, on, since } = levels;
  const { startUsd, stopUsd, cancelUsd, cancelSeconds, factors } = thresholds;
  let sure = first;
  let last = first;
  for (let level = first; level < end; level += 1) {
    const part = filled - level;
    const saved = (part >= 1 ? fullUsd : part <= 0 ? 0 : fullUsd * part) - priceUsd;
    const factor = factors === undefined ? 1 : (factors.levels[level] ?? factors.beyond);
    const before = usd[level] as number;
    if (on[level] === 1) {
      const lost = before - saved;
      const free = now - (since[level] as number) < cancelSeconds;
      const stops = lost >= stopUsd * factor || (free && lost >= cancelUsd);
      if (stops && saved < 0) {
        on[level] = 0;
        usd[level] = 0;
        levels.tasks -= 1;
      } else {
        usd[level] = lost > 0 ? lost : 0;
        last = level + 1;
        if (lost <= 0 && sure === level) sure = level + 1;
      }
    } else {
      const sum = before + saved;
      if (sum >= startUsd / factor && saved > 0) {
        on[level] = 1;
        usd[level] = 0;
        since[level] = now;
        levels.tasks += 1;
        last = level + 1;
        if (sure === level) sure = level + 1;
      } else {
        usd[level] = sum > 0 ? sum : 0;
        if (sum > 0) last = level + 1;
      }
    }
  }
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
