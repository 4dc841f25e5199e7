// What the level counter remembers: plain data.

import type { FleetAccount } from './level-counter-account.ts';
import type { LevelsMemory, Thresholds } from './level-counter-levels.ts';
import type { LevelMeans, SwayFactors } from './level-counter-means.ts';
import type { CounterRule } from './level-counter-rules.ts';

/** One counter, and what it would have cost. */
export interface Contender {
  readonly rule: CounterRule;
  readonly levels: LevelsMemory;
  readonly account: FleetAccount;
  readonly thresholds: Thresholds;
  readonly factors: SwayFactors | undefined;
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
  readonly seen: { rate: number; span: number; now: number; most: number; requests: number };
  leader: number;
  /** It costs too much against Lambda alone, and does as Lambda alone would. */
  guarded: boolean;
  /** Tasks that the demand would fill, on the average of late. */
  size: number;
  blockSeconds: number;
  wanted: number;
}
