// The policy of Fulcrum: for each task that the demand could fill, a counter of what it would save. It
// starts when it has saved enough and stops when it has lost enough (ski rental, a level at a time).
//
// How much is enough depends on the traffic. So several counters are kept, from quick to patient, some
// with thresholds that are swayed by what a level saved in the long run, and what each of them would
// have cost; the policy does as the cheapest one of the last hours does. No decision rests on a model
// of the traffic. docs/design/policy.md has the theorem, the proof and the measurements.
//
// Invariants
//   P1. Tasks wanted are within `minTasks` and `maxTasks`, and equal those of one of the counters.
//   P2. What the policy does costs at most 1.25 times Lambda alone, and an hour of its mean fleet.
//   P3. The memory is plain data: a copy of it goes on in the same way.

import { accountFor, startAccount } from './level-counter-account.ts';
import { seeLevels, startLevels, stepLevels } from './level-counter-levels.ts';
import {
  addToMeans,
  endMeansBlock,
  forecastFactors,
  levelsBySum,
  type SwayFactors,
  startMeans,
  swayFactors,
} from './level-counter-means.ts';
import type { Contender, LevelCounterMemory } from './level-counter-memory.ts';
import {
  type CounterRule,
  EVIDENCE,
  FORECAST_RULE,
  GUARD,
  JUDGE_SECONDS,
  LEAD_SECONDS,
  LEAD_SHARE,
  MOST_LEVELS,
  NEVER,
  RULES,
  SCORE_SECONDS,
  SIZE_SECONDS,
} from './level-counter-rules.ts';
import { whyLevels } from './level-counter-why.ts';
import type { PlacementPolicy, PlacementSeen, PlacementTerms } from './placement.ts';

/**
 * Requests a second that are expected on the average in the `ahead` seconds after a task that is asked
 * for at `now` would be ready; NaN: not known.
 */
export type DemandForecast = (now: number, terms: PlacementTerms, ahead: number) => number;

/** The policy that chooses among these counters, Lambda alone and a forecast. The first one leads. */
export function levelCounterOf(
  rules: readonly CounterRule[],
  forecast?: DemandForecast,
): PlacementPolicy<LevelCounterMemory> {
  const all = [...rules, NEVER, ...(forecast === undefined ? [] : [FORECAST_RULE])];
  const never = rules.length;
  return {
    name: 'level-counter',
    says: 'a counter of savings for each task, quick or patient as the traffic asks for it',
    source: 'docs/design/policy.md',
    overflow: true,
    needsForesight: false,
    start: (now, terms) => startMemory(all, now, terms),
    decide(memory, seen, terms, now) {
      see(memory, seen, terms, now);
      setThresholds(memory, terms);
      for (const contender of memory.contenders) compete(contender, memory, terms);
      addToMeans(memory.means, memory.seen, terms);
      memory.blockSeconds += seen.span;
      if (memory.blockSeconds >= JUDGE_SECONDS) {
        if (forecast !== undefined) foresee(memory, forecast, terms);
        judge(memory, terms, never);
      }
      const leader = memory.contenders[memory.leader] as Contender;
      memory.wanted = within(terms, leader.levels.tasks);
      accountFor(memory.own, memory.seen, terms, memory.wanted);
      return memory.wanted;
    },
    why: whyLevels,
  };
}

export const levelCounter: PlacementPolicy<LevelCounterMemory> = levelCounterOf(RULES);

function startMemory(
  rules: readonly CounterRule[],
  now: number,
  terms: PlacementTerms,
): LevelCounterMemory {
  const tasks = within(terms, 0);
  const factors = (): SwayFactors => ({ levels: new Float64Array(16).fill(1), beyond: 1 });
  const sways = { nothing: undefined, hour: factors(), forecast: factors() };
  const thresholds = { startUsd: 0, stopUsd: 0, cancelUsd: 0, cancelSeconds: 0 };
  const levels = { filled: 0, full: 0, used: 0, gainUsd: 0, partUsd: 0, priceUsd: 0 };
  return {
    contenders: rules.map((rule) => ({
      rule,
      levels: startLevels(),
      account: startAccount(tasks),
      thresholds: { ...thresholds, factors: sways[rule.by] },
      score: 0,
      scoredUsd: 0,
    })),
    means: startMeans(),
    own: startAccount(tasks),
    seen: { rate: 0, requests: 0, span: 1, now, most: 0, ...levels },
    byHour: sways.hour,
    byForecast: sways.forecast,
    unitUsd: Number.NaN,
    freeSeconds: Number.NaN,
    leader: 0,
    guarded: false,
    size: 1,
    blockSeconds: 0,
    wanted: tasks,
  };
}

function see(
  memory: LevelCounterMemory,
  { span, requests }: PlacementSeen,
  terms: PlacementTerms,
  now: number,
): void {
  const { seen } = memory;
  seen.rate = requests / span;
  seen.requests = requests;
  seen.span = span;
  seen.now = now;
  seen.most = Math.min(terms.maxTasks, MOST_LEVELS);
  seeLevels(seen, seen.rate, span, terms);
  const filled = Math.max(1, Math.min(seen.filled, seen.most));
  memory.size += ((filled - memory.size) * span) / (SIZE_SECONDS + span);
}

/** Prices and delays may have changed. */
function setThresholds(memory: LevelCounterMemory, terms: PlacementTerms): void {
  const unit = terms.thresholdSeconds * terms.taskUsdPerSecond;
  const free = terms.startSeconds - terms.billedStartSeconds;
  if (unit === memory.unitUsd && free === memory.freeSeconds) return;
  memory.unitUsd = unit;
  memory.freeSeconds = free;
  for (const { rule, thresholds } of memory.contenders) {
    const cancels = rule.cancel !== Number.POSITIVE_INFINITY;
    thresholds.startUsd = rule.start * unit;
    thresholds.stopUsd = rule.stop * unit;
    thresholds.cancelUsd = cancels ? rule.cancel * unit : 0;
    thresholds.cancelSeconds = cancels ? free : 0;
  }
}

/** A tick of one counter and of the fleet it would have. */
function compete(contender: Contender, memory: LevelCounterMemory, terms: PlacementTerms): void {
  const { levels } = contender;
  if (contender.rule.kind === 'counter') stepLevels(levels, memory.seen, contender.thresholds);
  accountFor(contender.account, memory.seen, terms, within(terms, levels.tasks));
}

/** Ends a block: brings means, factors and scores up to date, and chooses. */
function judge(memory: LevelCounterMemory, terms: PlacementTerms, never: number): void {
  const { contenders, means, blockSeconds } = memory;
  endMeansBlock(means, blockSeconds, terms);
  const share = Math.exp(-blockSeconds / SCORE_SECONDS);
  memory.blockSeconds = 0;
  swayFactors(memory.byHour, means, EVIDENCE * memory.unitUsd);
  let best = memory.leader;
  contenders.forEach((contender, index) => {
    const { rule, account, levels, thresholds } = contender;
    if (rule.kind === 'sum')
      levels.tasks = levelsBySum(means, levels.tasks, thresholds.startUsd, thresholds.stopUsd);
    contender.score = contender.score * share + account.usd - contender.scoredUsd;
    contender.scoredUsd = account.usd;
    if (contender.score < (contenders[best] as Contender).score) best = index;
  });
  if (isAhead(memory, terms, best)) memory.leader = best;
  guard(memory, terms, never);
}

/** By more than the change costs, and more than chance makes of the scores. */
function isAhead(memory: LevelCounterMemory, terms: PlacementTerms, index: number): boolean {
  const best = memory.contenders[index] as Contender;
  const leader = memory.contenders[memory.leader] as Contender;
  const change = Math.abs(best.levels.tasks - leader.levels.tasks) * terms.billedStartSeconds;
  const seconds = LEAD_SECONDS * Math.sqrt(memory.size) + change;
  return best.score < leader.score * (1 - LEAD_SHARE) - seconds * terms.taskUsdPerSecond;
}

/** Invariant P2. */
function guard(memory: LevelCounterMemory, terms: PlacementTerms, never: number): void {
  const lambdaOnly = (memory.contenders[never] as Contender).account.usd;
  const over = memory.own.usd - (1 + GUARD.share) * lambdaOnly;
  const allowed = GUARD.seconds * terms.taskUsdPerSecond * memory.size;
  memory.guarded = over > (memory.guarded ? allowed / 2 : allowed);
  if (memory.guarded) memory.leader = never;
}

function foresee(
  memory: LevelCounterMemory,
  forecast: DemandForecast,
  terms: PlacementTerms,
): void {
  const rate = forecast(memory.seen.now, terms, terms.thresholdSeconds);
  forecastFactors(memory.byForecast, rate, terms);
}

function within({ minTasks, maxTasks }: PlacementTerms, tasks: number): number {
  return Math.min(maxTasks, Math.max(minTasks, tasks));
}
