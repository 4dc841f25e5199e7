// What the level counter remembers: plain data.

import type { AccountSeen, FleetAccount } from './level-counter-account.ts';
import type { LevelsMemory, LevelsSeen, Thresholds } from './level-counter-levels.ts';
import type { LevelMeans, SwayFactors } from './level-counter-means.ts';
import type { CounterRule } from './level-counter-rules.ts';

/** One counter, and what it would have cost. */
export interface Contender {
  readonly rule: CounterRule;
  readonly levels: LevelsMemory;
  readonly account: FleetAccount;
  readonly thresholds: Thresholds;
  /** USD of late, old ones less. */
  score: number;
  /** Of its account, at the last judgement. */
  scoredUsd: number;
}

export interface LevelCounterMemory {
  readonly contenders: readonly Contender[];
  readonly means: LevelMeans;
  /** What the policy itself does. */
  readonly own: FleetAccount;
  readonly seen: AccountSeen & LevelsSeen & { rate: number };
  /** Of the counters that the last hour sways, and of the one that a forecast does. */
  readonly byHour: SwayFactors;
  readonly byForecast: SwayFactors;
  /** USD of one threshold, and seconds of a start that nobody bills: as thresholds have them now. */
  unitUsd: number;
  freeSeconds: number;
  leader: number;
  /** It costs too much against Lambda alone, and does as Lambda alone would. */
  guarded: boolean;
  /** Tasks that the demand would fill, on the average of late. */
  size: number;
  blockSeconds: number;
  wanted: number;
}
