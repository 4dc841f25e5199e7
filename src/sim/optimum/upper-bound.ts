// What a trace need not cost more than: a schedule that keeps the minimum charge of a task
// (`minimumSeconds`), made by somebody who knows the future. The optimum with the minimum charge lies
// between this and `lower-bound.ts`.
//
// Each level by itself, with runs of ℓ steps at least (ℓ·s ≥ L' seconds):
//
//   F ← min(F, N) + g·x        N ← min(N + p, F[ℓ steps ago] + β + ℓ·p)
//
//   U1. It can be done. Take a task for each level, on while that level is. Each of its runs is billed
//       for `minimumSeconds` or more, so it costs what the programme says; when the levels of a set S
//       are on, |S| tasks serve min(A, |S|·μ), which is no less than the sum of x_k over S; Lambda
//       serves the rest, always.
//   U2. A run may begin before the trace does, and is paid for in full: so is one that ends early.
//   U3. ℓ ≤ 1: a run of one step is long enough, and by O1 of `lower-bound.ts` nobody gains by a shorter
//       one. Then this is the lower bound, and equal to the optimum.
//
// Levels that have been full, or empty, for long do not change any more (checked, not assumed), and
// need no work: in each step only those in between do.

import type { PlacementTerms } from '../../scaling/placement.ts';
import { type DemandSum, grown, type LevelTerms, levelTerms, minimumRunSeconds } from './levels.ts';
import { lowerSum } from './lower-bound.ts';

interface Levels extends LevelTerms {
  /** Steps of a run at least. */
  readonly run: number;
  /** Steps after which levels are looked at that were full or empty all the time. */
  readonly block: number;
}

/** Levels from `first` to before `end` are worked on: those below are on for long, those above off. */
interface Schedule {
  first: number;
  end: number;
  /** F of the last `run` steps, level by level, and W_off and W_on now; requests. */
  past: Float64Array<ArrayBuffer>;
  off: Float64Array<ArrayBuffer>;
  on: Float64Array<ArrayBuffer>;
  /** Where the oldest F lies, in `past` of each level. */
  slot: number;
  /** Cost of what is settled, in requests. */
  spent: number;
  steps: number;
  /** Of the block: its steps, the fewest full levels, the most that had any demand. */
  blockSteps: number;
  fewest: number;
  most: number;
}

/** USD. */
export function upperSum(terms: PlacementTerms, stepSeconds: number): DemandSum<number> {
  const run = Math.ceil(minimumRunSeconds(terms) / stepSeconds);
  const levels = levelTerms(terms, stepSeconds);
  if (run <= 1 || !levels.pays) return lowerSum(terms, stepSeconds);
  const { startPrice, taskPrice, capacity } = levels;
  const swing = (startPrice + run * taskPrice) / Math.min(taskPrice, capacity - taskPrice);
  const all = { ...levels, run, block: Math.ceil(swing) + 2 * run + 4 };
  const schedule = emptySchedule(all);
  return {
    take: ({ counts, length }) => {
      for (let step = 0; step < length; step += 1) {
        const count = counts[step] as number;
        if (!Number.isNaN(count)) takeStep(schedule, all, count);
      }
    },
    result: () => usdOf(schedule, all),
  };
}

function emptySchedule({ run }: Levels): Schedule {
  return {
    first: 0,
    end: 0,
    past: new Float64Array(8 * run),
    off: new Float64Array(8),
    on: new Float64Array(8),
    slot: 0,
    spent: 0,
    steps: 0,
    blockSteps: 0,
    fewest: Number.POSITIVE_INFINITY,
    most: 0,
  };
}

function takeStep(schedule: Schedule, levels: Levels, count: number): void {
  const { capacity, taskPrice, room } = levels;
  const open = Math.max(0, count - levels.least * capacity);
  const all = Math.floor(open / capacity);
  const full = Math.min(all, room);
  const rest = full < room ? Math.max(0, open - full * capacity) : 0;
  const most = rest > 0 ? full + 1 : full;
  if (most > schedule.end) widenUp(schedule, levels, most);
  if (full < schedule.first) widenDown(schedule, levels, full);
  schedule.spent += schedule.first * taskPrice;
  if (all >= room) schedule.spent += open - room * capacity;
  advance(schedule, levels, full, rest);
  schedule.steps += 1;
  schedule.blockSteps += 1;
  schedule.fewest = Math.min(schedule.fewest, full);
  schedule.most = Math.max(schedule.most, most);
  if (schedule.blockSteps >= levels.block) narrow(schedule, levels);
}

function advance(schedule: Schedule, levels: Levels, full: number, rest: number): void {
  const { past, off, on, first, end, slot } = schedule;
  const { capacity, taskPrice, startPrice, run } = levels;
  const begin = startPrice + run * taskPrice;
  for (let level = first; level < end; level += 1) {
    const place = level * run + slot;
    const wasOff = off[level] as number;
    const wasOn = on[level] as number;
    const started = (past[place] as number) + begin;
    const stayed = wasOn + taskPrice;
    const demand = level < full ? capacity : level === full ? rest : 0;
    const nowOff = (wasOn < wasOff ? wasOn : wasOff) + demand;
    on[level] = stayed < started ? stayed : started;
    off[level] = nowOff;
    past[place] = nowOff;
  }
  schedule.slot = slot + 1 === run ? 0 : slot + 1;
}

/** Levels up to before `end` are worked on; the new ones have been off. */
function widenUp(schedule: Schedule, levels: Levels, end: number): void {
  const { run, startPrice, taskPrice } = levels;
  if (end > schedule.off.length) {
    schedule.off = grown(schedule.off, end);
    schedule.on = grown(schedule.on, end);
    schedule.past = grown(schedule.past, end * run);
  }
  for (let level = schedule.end; level < end; level += 1) {
    schedule.off[level] = 0;
    schedule.on[level] = startPrice + run * taskPrice;
    schedule.past.fill(0, level * run, (level + 1) * run);
  }
  schedule.end = end;
}

/** Levels from `first` are worked on; the new ones have been on. */
function widenDown(schedule: Schedule, levels: Levels, first: number): void {
  const { run, capacity, taskPrice } = levels;
  for (let level = first; level < schedule.first; level += 1) {
    schedule.off[level] = 0;
    schedule.on[level] = taskPrice - capacity;
    for (let ago = 0; ago < run; ago += 1) {
      schedule.past[level * run + placeOf(schedule, run, ago)] = -ago * taskPrice;
    }
  }
  schedule.first = first;
}

function placeOf({ slot }: Schedule, run: number, ago: number): number {
  return (slot - 1 - ago + 2 * run) % run;
}

/** Ends a block: what does not change any more is worked on no longer, and sums begin at 0 again. */
function narrow(schedule: Schedule, levels: Levels): void {
  const { run, capacity, taskPrice, startPrice } = levels;
  for (let level = schedule.first; level < schedule.end; level += 1) {
    const off = schedule.off[level] as number;
    schedule.spent += off;
    schedule.off[level] = 0;
    schedule.on[level] = (schedule.on[level] as number) - off;
    for (let place = level * run; place < (level + 1) * run; place += 1) {
      schedule.past[place] = (schedule.past[place] as number) - off;
    }
  }
  const isOn = (level: number): boolean =>
    isSettled(schedule, levels, level, taskPrice - capacity, taskPrice);
  const isOff = (level: number): boolean =>
    isSettled(schedule, levels, level, startPrice + run * taskPrice, 0);
  while (schedule.first < Math.min(schedule.fewest, schedule.end) && isOn(schedule.first)) {
    schedule.first += 1;
  }
  const least = Math.max(schedule.most, schedule.first);
  while (schedule.end > least && isOff(schedule.end - 1)) schedule.end -= 1;
  schedule.blockSteps = 0;
  schedule.fewest = Number.POSITIVE_INFINITY;
  schedule.most = 0;
}

/** W_on is `over` W_off, which has risen by `rise` in each of the last steps; but for the rounding. */
function isSettled(
  schedule: Schedule,
  { run, capacity }: Levels,
  level: number,
  over: number,
  rise: number,
): boolean {
  const near = 1e-9 * capacity;
  if (Math.abs((schedule.on[level] as number) - over) > near) return false;
  for (let ago = 0; ago < run; ago += 1) {
    const past = schedule.past[level * run + placeOf(schedule, run, ago)] as number;
    if (Math.abs(past + ago * rise) > near) return false;
  }
  return true;
}

function usdOf(schedule: Schedule, levels: Levels): number {
  const { off, on, first, end } = schedule;
  let requests = schedule.spent + first * (levels.taskPrice - levels.capacity);
  for (let level = first; level < end; level += 1) {
    requests += Math.min(off[level] as number, on[level] as number);
  }
  const always = schedule.steps * levels.least * levels.usdPerTaskStep;
  return always + requests * levels.usdPerRequest;
}
