// The least that any placement can cost on the average that knows the traffic as well as can be known
// (its states, their rates and how long they last, and which one it is in, at once) but not the future.
// What the clairvoyant costs less than this, nobody can get.
//
// Each level (`levels.ts`) is a Markov decision process: state of the traffic × phase of its task, with
// decisions at the beginning of each second, before its requests are known. The phase is off, starting
// with so many seconds left, or on:
//
//   M1. A second costs g·E x_k while the task is off or starting, p while it is on, and p in addition for
//       what of a start lies in its billed end: the last d_b seconds.
//   M2. A start may be given up at any time, and has cost what was billed so far. A stop costs the drain.
//   M3. The minimum charge is left out, so the figure is a bound from below.
//   M4. Levels may be taken one by one. Lambda serves Σ x_k over the levels above the ready tasks; and to
//       stop a ready task while another one starts is never better than to give up that start and keep
//       the ready one (d_b ≥ what is left of the start: the same money from now on, and it serves), so
//       the ready tasks are the lowest levels, those that start come above, and each level sees a life
//       that it could have chosen itself.
//   M5. M4 needs that all that is left of a start is billed. The first d − d_b seconds are free, so
//       whoever keeps enough starts going, and gives them up as their free time ends, always has one
//       that is d_b seconds from ready. `any` is the bound for those who may: d_b seconds from the
//       decision, all of them billed; no placement whatever can beat it. `one` is the least cost of
//       placements whose levels have one start at a time, with all d seconds of it.
//
// Value iteration: after each step the least and the greatest change of a value bound the cost a second
// from below and above, so the result is certain to its tolerance. Traffic that turns each second would
// swing for ever; as only most of each change is made (`SHARE`), it settles all the same (Puterman,
// Markov Decision Processes, §8.5.4).

import type { PlacementTerms } from '../../scaling/placement.ts';
import { type ModulatedTraffic, meanBeyond, meanRate, transitions } from './modulated.ts';

/** Starts that a level may have at a time (M5). */
export type StartsAtOnce = 'one' | 'any';

export interface OnlineBound {
  /** On the average, USD. */
  readonly usdPerSecond: number;
  readonly lambdaOnlyUsdPerSecond: number;
  /** Of those levels for which a task can pay at all; the lowest first. */
  readonly levels: readonly LevelPlan[];
}

/** What the best placement does for one level. */
export interface LevelPlan {
  readonly usdPerSecond: number;
  /** Seconds from the decision to start until a task takes requests. */
  readonly startSeconds: number;
  /**
   * Whether the task is wanted (started, not given up, kept), by the state of the traffic and the phase:
   * 0 is off, `startSeconds` + 1 is on, those between have that many seconds less 1 behind them.
   */
  wanted(state: number, phase: number): boolean;
}

/** Of the cost of a task. */
const TOLERANCE = 1e-10;

/** Of each change of a value. */
const SHARE = 0.9;

/** Steps of the iteration at most. Dwell times of days need a few hundred thousand. */
const MOST_STEPS = 20_000_000;

export function onlineBound(
  traffic: ModulatedTraffic,
  terms: PlacementTerms,
  startsAtOnce: StartsAtOnce = 'any',
): OnlineBound {
  const { lambdaUsdPerRequest: g, taskUsdPerSecond: p, taskRate } = terms;
  const beyond = traffic.states.map(({ rate }) => meanBeyond(rate, traffic.arrivals));
  const chain = transitions(traffic);
  const lambdaOnlyUsdPerSecond = g * meanRate(traffic);
  const levels: LevelPlan[] = [];
  let usdPerSecond = lambdaOnlyUsdPerSecond;
  const known = new Map<string, LevelPlan>();
  for (let level = 0; level < terms.maxTasks; level += 1) {
    const offUsd = beyond.map(
      (over) => g * (over(level * taskRate) - over((level + 1) * taskRate)),
    );
    const isAlways = level < terms.minTasks;
    if (!isAlways && offUsd.every((usd) => usd <= p)) break;
    const lambdaUsd = meanOf(offUsd, traffic);
    // Even traffic has many levels that are all the same.
    const key = offUsd.map((usd) => usd.toPrecision(12)).join();
    const plan = isAlways
      ? { usdPerSecond: p, startSeconds: 0, wanted: () => true }
      : (known.get(key) ?? levelPlan(offUsd, chain, phasesOf(terms, startsAtOnce)));
    if (!isAlways) known.set(key, plan);
    levels.push(plan);
    usdPerSecond += plan.usdPerSecond - lambdaUsd;
  }
  return { usdPerSecond, lambdaOnlyUsdPerSecond, levels };
}

function meanOf(usd: readonly number[], traffic: ModulatedTraffic): number {
  return meanRate({
    ...traffic,
    states: traffic.states.map((state, index) => ({ ...state, rate: usd[index] ?? 0 })),
  });
}

/** A task's life: what each second of a start is billed, first to last; of being on; of a stop. */
export interface TaskPhases {
  readonly startUsd: readonly number[];
  readonly onUsd: number;
  readonly stopUsd: number;
}

/** A delay in whole seconds, rounded down; of one below a second nothing is left. */
export function phasesOf(terms: PlacementTerms, startsAtOnce: StartsAtOnce): TaskPhases {
  const { taskUsdPerSecond: p, startSeconds, drainSeconds } = terms;
  const billed = Math.min(terms.billedStartSeconds, startSeconds);
  const delay = Math.floor(startsAtOnce === 'any' ? billed : startSeconds);
  const startUsd = Array.from({ length: delay }, (_, second) => {
    const left = delay - second;
    const whole = Math.min(1, Math.max(0, billed - (left - 1)));
    // What is billed beyond the whole seconds of the delay falls into its first one.
    return p * (second === 0 ? Math.max(whole, billed - delay + 1, 0) : whole);
  });
  return { startUsd, onUsd: p, stopUsd: p * drainSeconds };
}

/** The best plan of one level, whose second on Lambda costs `offUsd` by the state of the traffic. */
export function levelPlan(
  offUsd: readonly number[],
  chain: readonly (readonly number[])[],
  phases: TaskPhases,
): LevelPlan {
  const size = offUsd.length;
  const delay = phases.startUsd.length;
  // Relative values: [phase × size + state]; phase 0 is off, delay + 1 on, between them the start.
  const values = new Float64Array((delay + 2) * size);
  const after = new Float64Array(values.length);
  const tolerance = TOLERANCE * phases.onUsd;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    meanAfter(values, after, chain);
    const [least, greatest] = improve(values, after, offUsd, phases);
    if (greatest - least <= tolerance) {
      const wanted = decisions(after, offUsd, phases);
      return {
        usdPerSecond: (least + greatest) / 2,
        startSeconds: delay,
        wanted: (state, phase) => wanted[phase * size + state] === 1,
      };
    }
  }
  throw new RangeError(`the plan of a level was not found in ${MOST_STEPS} steps`);
}

/** The mean value a second later, if the phase is this one then. */
function meanAfter(
  values: Float64Array,
  after: Float64Array,
  chain: readonly (readonly number[])[],
): void {
  const size = chain.length;
  for (let place = 0; place < values.length; place += size) {
    for (let state = 0; state < size; state += 1) {
      let sum = 0;
      const row = chain[state] as readonly number[];
      for (let to = 0; to < size; to += 1) {
        sum += (row[to] as number) * (values[place + to] as number);
      }
      after[place + state] = sum;
    }
  }
}

/** Costs from here on of the two things one can do: have no task, and go on with one. */
function choices(
  after: Float64Array,
  offUsd: readonly number[],
  { startUsd, onUsd, stopUsd }: TaskPhases,
  state: number,
): { without(phase: number): number; withTask(phase: number): number } {
  const size = offUsd.length;
  const last = startUsd.length + 1;
  const lambdaUsd = offUsd[state] as number;
  const valueAfter = (phase: number): number => after[phase * size + state] as number;
  const on = onUsd + valueAfter(last);
  const withTask = (phase: number): number => {
    const second = Math.max(0, phase - 1);
    // Without any delay a task that is started serves in the same second.
    if (phase === last || second >= startUsd.length) return on;
    return lambdaUsd + (startUsd[second] as number) + valueAfter(second + 2);
  };
  const off = lambdaUsd + valueAfter(0);
  return {
    withTask,
    // Who stops, or gives up a start, may begin another one at once.
    without: (phase) =>
      phase === 0 ? off : Math.min(off, withTask(0)) + (phase === last ? stopUsd : 0),
  };
}

/** Values with one second more to go, less that of the first; returns the bounds of the mean cost. */
function improve(
  values: Float64Array,
  after: Float64Array,
  offUsd: readonly number[],
  phases: TaskPhases,
): readonly [least: number, greatest: number] {
  const size = offUsd.length;
  const delay = phases.startUsd.length;
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let state = 0; state < size; state += 1) {
    const { without, withTask } = choices(after, offUsd, phases, state);
    for (let phase = 0; phase <= delay + 1; phase += 1) {
      const place = phase * size + state;
      const value = values[place] as number;
      const change = Math.min(without(phase), withTask(phase)) - value;
      if (change < least) least = change;
      if (change > greatest) greatest = change;
      values[place] = value + SHARE * change;
    }
  }
  const first = values[0] as number;
  for (let place = 0; place < values.length; place += 1) {
    values[place] = (values[place] as number) - first;
  }
  return [least, greatest];
}

function decisions(after: Float64Array, offUsd: readonly number[], phases: TaskPhases): Uint8Array {
  const size = offUsd.length;
  const wanted = new Uint8Array(after.length);
  for (let state = 0; state < size; state += 1) {
    const { without, withTask } = choices(after, offUsd, phases, state);
    for (let phase = 0; phase <= phases.startUsd.length + 1; phase += 1) {
      wanted[phase * size + state] = withTask(phase) < without(phase) ? 1 : 0;
    }
  }
  return wanted;
}
